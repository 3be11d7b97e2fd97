"""Resolving only what changed, from a stored state, and proof that it equals resolving everything."""
