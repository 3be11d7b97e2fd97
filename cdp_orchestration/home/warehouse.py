"""Short-lived connections to the one read-write database, which has one schema per stage."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from cdp_orchestration.errors import DamagedWarehouseError, WriterBusyError
from cdp_orchestration.home.damage import damage_in
from cdp_orchestration.home.environment import number_of
from cdp_orchestration.home.interrupted_queries import ending_with_signals
from cdp_orchestration.home.settings import Settings

STAGES = ("landing", "staging", "identity", "profiles", "journeys", "operations")
# Another process may have the file open for a while, such as one that reads the warehouse directly.
LOCK_WAIT_SECONDS = 60.0
_LOCK_POLL_SECONDS = 0.25
_REPAIR = (
    "`cdp repair` puts a new one in its place, which `cdp sync` fills from what has landed and from the live release"
)


@contextmanager
def open_warehouse(path: Path, *, is_new: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for one unit of work, in UTC, with every stage's schema in place.

    Waits up to a minute for another process to close it, then raises ``WriterBusyError``. One that is damaged, or that
    is gone from a home where something has landed, is refused with ``DamagedWarehouseError``: an empty one in its place
    would take what the inbox has no more for deleted.

    Args:
        path: the database; created with its folder where nothing has landed yet.
        is_new: whether it is created in any case.

    Yields:
        The connection, closed at the end of the block.
    """
    memory = number_of("CDP_WAREHOUSE_MEMORY", 0.0, math.inf, "a number of GiB")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not is_new:
        refuse_lost(path)
    with _damage_is_named(path), _connect(path) as connection, ending_with_signals(connection):
        connection.execute("set timezone = 'UTC'")
        if memory:
            connection.execute(f"set memory_limit = '{memory}GiB'")
        for stage in STAGES:
            connection.execute(f"create schema if not exists {stage}")
        yield connection


@contextmanager
def read_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse to read only, as long as no process writes it.

    Args:
        path: the database, which exists.

    Yields:
        The connection, closed at the end of the block.

    Raises:
        WriterBusyError: a process writes it now.
        IOException: it cannot be read; where it is damaged, DamagedWarehouseError says so.
    """
    refuse_lost(path)
    with _damage_is_named(path):
        try:
            connection = duckdb.connect(str(path), read_only=True)
        except duckdb.IOException as error:
            if not _is_locked(error):
                raise
            found = "is being written by another process now; read it when that has ended"
            raise WriterBusyError(f"{path} {found}") from error
        except duckdb.ConnectionException as error:  # this process itself has it open to write
            raise WriterBusyError(f"{path} is being written now; read it when that has ended") from error
        with connection, ending_with_signals(connection):
            yield connection


@contextmanager
def _damage_is_named(path: Path) -> Iterator[None]:
    """Turn what DuckDB says of a database file that is cut or overwritten into an error that says what to do."""
    try:
        yield
    except duckdb.Error as error:
        if (damage := damage_in(str(error))) is None:
            raise
        if path.name not in str(error) and "Corrupt" not in str(error):
            raise DamagedWarehouseError(damage) from error
        found = "was cut or overwritten, expected a whole database"
        raise DamagedWarehouseError(f"{path} {found}. {_REPAIR}") from error


def refuse_lost(path: Path) -> None:
    """Raise DamagedWarehouseError where the warehouse is gone although something has landed."""
    landing = Settings(path.parent).landing
    if not path.exists() and next(landing.glob("*/*/*.parquet"), None) is not None:
        raise DamagedWarehouseError(f"{path} is missing, expected the database of what lies in {landing}. {_REPAIR}")


def _is_locked(error: duckdb.IOException) -> bool:
    return "Could not set lock" in str(error)


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Return whether the warehouse has a table of this schema and name; both are names of the project's own."""
    # To look for one name in the catalogue reads all tables; a transaction goes on after a name that was not found
    try:
        connection.execute(f"select 1 from {schema}.{table} limit 0")
    except duckdb.CatalogException:
        return False
    return True


def columns_by_table(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Return the columns of each table and view of the warehouse, in order, by ``schema.table``."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, list(column_name order by column_index) from duckdb_columns() "
        "where not internal group by all"
    ).fetchall()
    return dict(rows)


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            return duckdb.connect(str(path))
        except duckdb.IOException as error:
            if not _is_locked(error):
                raise
            if time.monotonic() > deadline:
                raise WriterBusyError(
                    f"{path} is still open in another process after {LOCK_WAIT_SECONDS:.0f} s; end that process, and "
                    f"read releases instead of the warehouse ({error})"
                ) from error
            time.sleep(_LOCK_POLL_SECONDS)
