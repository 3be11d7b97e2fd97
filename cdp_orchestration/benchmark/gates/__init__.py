"""What ``make bench-gates`` measures: what the gates find, and what they cost."""
