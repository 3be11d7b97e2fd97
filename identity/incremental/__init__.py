"""Incremental resolution from a stored state, and the check that it equals a full resolution."""
