"""The rows of the tables that dbt built, to compare two warehouses."""

from collections.abc import Collection
from pathlib import Path

from cdp_orchestration.home.warehouse import open_warehouse


def rows_of_tables(
    warehouse: Path, schemas: Collection[str], without: Collection[str] = frozenset()
) -> dict[str, list[str]]:
    """Return the rows of each table of some schemas, in an order of their own, but for tables of these names."""
    with open_warehouse(warehouse) as connection:
        names = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        return {
            f"{schema}.{table}": sorted(map(str, connection.execute(f"from {schema}.{table}").fetchall()))
            for schema, table in names
            if schema in schemas and table not in without
        }
