"""The workspace: a private catalog in memory, alongside the caller's tables, that is dropped when the work is done."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

_numbers = itertools.count()


@dataclass(frozen=True)
class Workspace:
    """A connection whose unqualified names are private tables.

    Attributes:
        connection: the connection.
        catalog: the private catalog, in which other workspaces find the tables of this one.
        caller_catalog: the catalog of the caller's tables.
    """

    connection: duckdb.DuckDBPyConnection
    catalog: str
    caller_catalog: str


@contextmanager
def open_workspace(caller: duckdb.DuckDBPyConnection) -> Iterator[Workspace]:
    """Attach a catalog in memory to the caller's database and use it; the caller's connection does not change.

    The caller's tables are read in place, so nothing is copied between databases.

    Args:
        caller: the caller's connection.

    Yields:
        The workspace; its tables are dropped when the block ends.
    """
    name = f"identity_work_{next(_numbers)}"
    work = caller.cursor()
    catalog = work.execute("select current_catalog()").fetchall()[0][0]
    work.execute(f"attach ':memory:' as {name}; use {name}; set enable_progress_bar = false")
    try:
        yield Workspace(work, name, catalog)
    finally:
        work.execute(f"use {quoted(catalog)}; detach {name}")
        work.close()


def quoted(name: str) -> str:
    """The SQL form of a name, whatever characters it contains."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: str | Path) -> str:
    """The SQL form of a text or the path of a file, whatever characters it contains."""
    return "'" + str(value).replace("'", "''") + "'"
