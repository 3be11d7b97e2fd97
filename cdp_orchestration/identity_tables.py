"""Store what ``identity/`` decided: all tables of the stage in one transaction."""

import duckdb
import pyarrow as pa

from identity import OUTPUT_SCHEMAS, ProfileChanges, Resolution

APPENDED = ("profile_events",)


def create_identity_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the stage's tables where they are missing, empty and typed."""
    for table, schema in OUTPUT_SCHEMAS.items():
        connection.register("_empty", schema.empty_table())
        connection.execute(f"create table if not exists identity.{table} as select * from _empty")
        connection.unregister("_empty")


def load_previous_assignments(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the profile of each person record as the last run left it."""
    create_identity_tables(connection)
    return connection.execute("select * from identity.profile_assignments").to_arrow_table()


def store_resolution(
    connection: duckdb.DuckDBPyConnection, resolution: Resolution, changes: ProfileChanges
) -> dict[str, int]:
    """Replace the stage's tables, append its events, carry redirects on; return rows by table."""
    create_identity_tables(connection)
    connection.begin()
    _replace(connection, "profile_assignments", changes.assignments)
    _replace(connection, "match_edges", resolution.edges)
    _replace(connection, "shared_identifiers", resolution.shared_identifiers)
    _append(connection, "profile_events", changes.events)
    _redirect(connection, changes.redirects)
    connection.commit()
    return {
        table: connection.execute(f"select count(*) from identity.{table}").fetchall()[0][0] for table in OUTPUT_SCHEMAS
    }


def _replace(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.execute(f"delete from identity.{table}")
    _append(connection, table, rows)


def _append(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.register("_incoming", rows)
    connection.execute(f"insert into identity.{table} by name select * from _incoming")
    connection.unregister("_incoming")


def _redirect(connection: duckdb.DuckDBPyConnection, redirects: pa.Table) -> None:
    connection.register("_moved", redirects)
    # An id that was redirected before follows its target, so that every redirect leads to a living profile.
    connection.execute(
        "update identity.profile_redirects as earlier set profile_id = _moved.profile_id, redirected_at = "
        "_moved.redirected_at from _moved where earlier.profile_id = _moved.old_profile_id"
    )
    connection.unregister("_moved")
    _append(connection, "profile_redirects", redirects)
