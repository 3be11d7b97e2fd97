"""Store what ``identity/`` decided: all tables of the stage in one transaction."""

import duckdb
import pyarrow as pa

from identity import OUTPUT_SCHEMAS, ProfileChanges, Resolution


def create_identity_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the stage's tables where they are missing, empty and typed."""
    for table, schema in OUTPUT_SCHEMAS.items():
        connection.register("_empty", schema.empty_table())
        connection.execute(f"create table if not exists identity.{table} as select * from _empty")
        connection.unregister("_empty")


def load_table(connection: duckdb.DuckDBPyConnection, table: str) -> pa.Table:
    """Return one of the stage's tables as the last run left it, empty before the first."""
    create_identity_tables(connection)
    return connection.execute(f"select * from identity.{table}").to_arrow_table()


def store_resolution(
    connection: duckdb.DuckDBPyConnection, resolution: Resolution, changes: ProfileChanges
) -> dict[str, int]:
    """Replace the stage's tables and append its events, all or nothing; return rows by table."""
    create_identity_tables(connection)
    connection.begin()
    for table, rows in (
        ("profile_assignments", changes.assignments),
        ("profile_redirects", changes.redirects),
        ("match_edges", resolution.edges),
        ("shared_identifiers", resolution.shared_identifiers),
    ):
        connection.execute(f"delete from identity.{table}")
        _append(connection, table, rows)
    _append(connection, "profile_events", changes.events)
    connection.commit()
    return {
        table: connection.execute(f"select count(*) from identity.{table}").fetchall()[0][0] for table in OUTPUT_SCHEMAS
    }


def _append(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.register("_incoming", rows)
    connection.execute(f"insert into identity.{table} by name select * from _incoming")
    connection.unregister("_incoming")
