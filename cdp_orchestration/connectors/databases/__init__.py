"""Rows of a database: a table or a query, the cursor, and what differs between databases."""
