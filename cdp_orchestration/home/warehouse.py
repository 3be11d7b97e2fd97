"""Short-lived connections to the one read-write database, with a schema a stage."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from cdp_orchestration.errors import WriterBusyError

STAGES = ("landing", "staging", "identity", "profiles", "journeys", "operations")
# A dbt process outlives the killed run that started it by as long as its current models take.
LOCK_WAIT_SECONDS = 60.0
_LOCK_POLL_SECONDS = 0.25


@contextmanager
def open_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for one unit of work, in UTC, with every stage's schema in place.

    Raises:
        WriterBusyError: another process still has it open after a minute.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _connect(path) as connection:
        connection.execute("set timezone = 'UTC'")
        for stage in STAGES:
            connection.execute(f"create schema if not exists {stage}")
        yield connection


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            return duckdb.connect(str(path))
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error):
                raise
            if time.monotonic() > deadline:
                raise WriterBusyError(
                    f"{path} is still open elsewhere after {LOCK_WAIT_SECONDS:.0f} s; end that process, and read "
                    f"releases instead of the warehouse ({error})"
                ) from error
            time.sleep(_LOCK_POLL_SECONDS)
