"""What ``make bench-sources`` measures: landing files and fetching a table, against DuckDB and the database itself."""
