"""The tables of the identity stage: all results of a resolution are stored in one transaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from identity import OUTPUT_SCHEMAS, ProfileChanges, Resolution

# The columns with the records that a row is about; the tables that are not here are replaced as a whole
_RECORD_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "profile_assignments": ("person_record_id",),
    "match_edges": ("person_record_id_left", "person_record_id_right"),
}


def create_identity_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the stage's tables where they are missing, empty and typed."""
    for table, schema in OUTPUT_SCHEMAS.items():
        connection.register("_empty", schema.empty_table())
        connection.execute(f"create table if not exists identity.{table} as select * from _empty")
        connection.unregister("_empty")


def load_table(connection: duckdb.DuckDBPyConnection, table: str, touched: pa.Table | None = None) -> pa.Table:
    """Read one of the stage's tables.

    Args:
        connection: the warehouse.
        table: the name of the table.
        touched: records (person_record_id); only the rows about them are read. None reads all rows.

    Returns:
        The rows that the last run stored, none before the first.
    """
    create_identity_tables(connection)
    if touched is None or table not in _RECORD_COLUMNS:
        return connection.execute(f"select * from identity.{table}").to_arrow_table()
    with _registered(connection, touched):
        return connection.execute(f"select * from identity.{table} where {_is_about(table)}").to_arrow_table()


def store_resolution(connection: duckdb.DuckDBPyConnection, resolution: Resolution, changes: ProfileChanges) -> None:
    """Replace the rows about the resolved records, all or the touched ones, and append events, in one transaction."""
    create_identity_tables(connection)
    connection.begin()
    try:
        for table, rows in (
            ("profile_assignments", changes.assignments),
            ("profile_redirects", changes.redirects),
            ("match_edges", resolution.edges),
            ("shared_identifiers", resolution.shared_identifiers),
        ):
            _clear(connection, table, resolution.touched)
            _append(connection, table, rows)
        _append(connection, "profile_events", changes.events)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def count_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the rows of each of the stage's tables."""
    return {
        table: connection.execute(f"select count(*) from identity.{table}").fetchall()[0][0] for table in OUTPUT_SCHEMAS
    }


def _clear(connection: duckdb.DuckDBPyConnection, table: str, touched: pa.Table | None) -> None:
    if touched is None or table not in _RECORD_COLUMNS:
        connection.execute(f"delete from identity.{table}")
        return
    with _registered(connection, touched):
        connection.execute(f"delete from identity.{table} where {_is_about(table)}")


def _is_about(table: str) -> str:
    return " or ".join(f"{column} in (select person_record_id from _touched)" for column in _RECORD_COLUMNS[table])


@contextmanager
def _registered(connection: duckdb.DuckDBPyConnection, touched: pa.Table) -> Iterator[None]:
    connection.register("_touched", touched)
    try:
        yield
    finally:
        connection.unregister("_touched")


def _append(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.register("_incoming", rows)
    connection.execute(f"insert into identity.{table} by name select * from _incoming")
    connection.unregister("_incoming")
