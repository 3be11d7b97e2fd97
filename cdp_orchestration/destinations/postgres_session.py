"""A connection to a PostgreSQL by DuckDB's extension, as the connectors use it: what is said, asked and loaded."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from cdp_orchestration.connectors.databases.faults import is_passing, said_by
from cdp_orchestration.connectors.databases.scanners import scanner_of
from cdp_orchestration.connectors.secret_values import secret_value, without_secrets
from cdp_orchestration.destinations.declaration import Postgres
from cdp_orchestration.destinations.faults import MAX_MESSAGE_CHARACTERS, DestinationError, PassingDestinationError
from cdp_orchestration.home.sql_text import quoted, text_literal

_TIMEOUT = "connect_timeout=15"


class Session:
    """What a connection is used for."""

    def __init__(self, engine: duckdb.DuckDBPyConnection) -> None:
        """Take DuckDB with the database attached as ``target``."""
        self._engine = engine

    def run(self, statements: str) -> None:
        """Run statements, in one transaction of the server outside of a block of ``transaction``."""
        self._engine.execute(f"call postgres_execute('target', {text_literal(statements)})")

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query that the server runs."""
        return self._engine.execute(f"from postgres_query('target', {text_literal(query)})").fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Let what the block does be seen as a whole, or not at all."""
        self._engine.execute("begin")
        try:
            yield
            self._engine.execute("commit")
        finally:
            # Without effect after the commit. Left open it would be ended as the engine closes, which ends this process
            # where the server has gone away
            with suppress(duckdb.Error):
                self._engine.execute("rollback")

    def load(self, schema: str, table: str, columns: str, file: Path) -> None:
        """Copy a Parquet file into a table that ``run`` has created.

        Args:
            schema: the schema of the table.
            table: its name.
            columns: what is selected from the file, in the order of the table.
            file: the file.
        """
        self._engine.execute(
            "call pg_clear_cache()"
        )  # the engine knows the tables that were there when it first looked
        self._engine.execute(
            f"insert into target.{quoted(schema)}.{quoted(table)} select {columns} "
            f"from read_parquet({text_literal(file)})"
        )

    def has_empty_values(self, file: Path, columns: tuple[str, ...]) -> bool:
        """Return whether one of these columns of a Parquet file has an empty value."""
        empty = " or ".join(f"{quoted(each)} is null" for each in columns)
        query = f"select exists (from read_parquet({text_literal(file)}) where {empty})"
        return bool(columns and self._engine.execute(query).fetchall()[0][0])


@contextmanager
def connected(name: str, declared: Postgres) -> Iterator[Session]:
    """Connect to a database for the duration of the block.

    Args:
        name: the name of the destination.
        declared: the destination.

    Yields:
        The session. A database that cannot be reached, or that refuses what the block says, raises DestinationError,
        which repeats no secret and no value.
    """
    address = with_timeout(secret_value(declared.url))
    with duckdb.connect(":memory:") as engine:
        engine.load_extension(str(scanner_of("postgres")))
        # The server stores no text with a character of code 0
        for setting in ("set timezone = 'UTC'", "set pg_null_byte_replacement = '\N{REPLACEMENT CHARACTER}'"):
            engine.execute(setting)
        try:
            engine.execute(f"attach {text_literal(address)} as target (type postgres)")
            yield Session(engine)
        except duckdb.Error as error:
            problem = fault(name, declared, error)
        else:
            return
    raise problem from None  # else it would carry the one that repeats the address with its password


def with_timeout(address: str) -> str:
    """Return an address, as a URL or as words, that does not wait for minutes for a server that does not answer."""
    if "connect_timeout" in address:
        return address
    if "://" not in address:
        return f"{address} {_TIMEOUT}"
    return f"{address}{'&' if '?' in address else '?'}{_TIMEOUT}"


def fault(name: str, declared: Postgres, error: duckdb.Error) -> DestinationError:
    """Return why a destination could not be published to, in the words of the server."""
    said = without_secrets(said_by(error), declared.references)[:MAX_MESSAGE_CHARACTERS].rstrip(". ")
    kind = PassingDestinationError if is_passing(str(error)) else DestinationError
    return kind(
        f"{name} ({declared.place}) cannot be published to: {said}. Check address, rights and schema; its readers see "
        "what they did, and the next sync tries again"
    )
