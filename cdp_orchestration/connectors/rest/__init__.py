"""Rows of an API: its declaration, its paging and cursor, and requests that are tried again."""
