"""Room to work in: a private in-memory catalog beside the caller's tables, gone when the work is done."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

_numbers = itertools.count()


@dataclass(frozen=True)
class Workspace:
    """A connection whose unqualified names are private tables, with the names of their catalog and the caller's."""

    connection: duckdb.DuckDBPyConnection
    catalog: str
    caller_catalog: str


@contextmanager
def open_workspace(caller: duckdb.DuckDBPyConnection) -> Iterator[Workspace]:
    """Attach a catalog in memory to the caller's database and use it; the caller's connection is as before.

    Nothing is copied between databases that way: the caller's tables are read where they lie.
    """
    name = f"identity_work_{next(_numbers)}"
    work = caller.cursor()
    catalog = work.execute("select current_catalog()").fetchall()[0][0]
    work.execute(f"attach ':memory:' as {name}; use {name}")
    try:
        yield Workspace(work, name, catalog)
    finally:
        work.execute(f"use {quoted(catalog)}; detach {name}")
        work.close()


def quoted(name: str) -> str:
    """A name as SQL writes it whatever letters it holds."""
    return '"' + name.replace('"', '""') + '"'
