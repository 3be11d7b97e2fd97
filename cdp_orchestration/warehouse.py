"""Short-lived connections to the one read-write database, with a schema a stage."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

STAGES = ("landing", "staging", "identity", "profiles", "journeys", "operations")


@contextmanager
def open_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for one unit of work, in UTC, with every stage's schema in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set timezone = 'UTC'")
        for stage in STAGES:
            connection.execute(f"create schema if not exists {stage}")
        yield connection
