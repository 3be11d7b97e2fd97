"""The connection through which a suite is answered, and the time of the check."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb


@dataclass(frozen=True)
class Session:
    """An open connection, and the present time for "not in the future"."""

    connection: duckdb.DuckDBPyConnection
    checked_at: datetime


_session: ContextVar[Session] = ContextVar("warehouse_session")


@contextmanager
def connected(connection: duckdb.DuckDBPyConnection, checked_at: datetime | None = None) -> Iterator[None]:
    """Let suites of the warehouse ask this connection within the block.

    Args:
        connection: open on the warehouse; one that only reads will do.
        checked_at: the present time; UTC, by default the clock.

    Yields:
        Nothing.
    """
    moment = checked_at or datetime.now(UTC)
    token = _session.set(Session(connection, moment.astimezone(UTC) if moment.tzinfo else moment))
    try:
        yield
    finally:
        _session.reset(token)


def current_session() -> Session:
    """Return the session of the enclosing ``connected``.

    Returns:
        The session.

    Raises:
        LookupError: if there is none.
    """
    try:
        return _session.get()
    except LookupError:
        raise LookupError(
            "A suite of the warehouse was run without a connection; expected: "
            "`with expectations.warehouse.connected(duckdb.connect(...)):` around the run."
        ) from None
