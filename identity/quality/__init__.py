"""How good a resolution is: evaluation against truth, reviewed pairs, figures and charts."""
