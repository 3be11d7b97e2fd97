"""Stable profile ids: from clusters and the previous assignments to ids, events and redirects."""
