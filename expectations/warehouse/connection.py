"""The connection through which a suite is answered, and the time of the check."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb
from great_expectations.exceptions import ExecutionEngineError


@dataclass(frozen=True)
class Session:
    """A run of suites.

    Attributes:
        connection: open on the warehouse.
        checked_at: the present time for "not in the future".
        causes: why a metric could not be computed, by its id; each such text also stands for itself.
    """

    connection: duckdb.DuckDBPyConnection
    checked_at: datetime
    causes: dict[str, str] = field(default_factory=dict)

    def error(self, cause: str) -> ExecutionEngineError:
        """Return the error of a metric; its text is known to quote no value."""
        self.causes[cause] = cause
        return ExecutionEngineError(cause)


_session: ContextVar[Session] = ContextVar("warehouse_session")


@contextmanager
def connected(connection: duckdb.DuckDBPyConnection, checked_at: datetime | None = None) -> Iterator[Session]:
    """Let suites of the warehouse ask this connection within the block.

    Args:
        connection: open on the warehouse; one that only reads will do.
        checked_at: the present time; UTC, by default the clock.

    Yields:
        The session, which knows afterwards why what failed could not be computed.
    """
    moment = checked_at or datetime.now(UTC)
    session = Session(connection, moment.astimezone(UTC) if moment.tzinfo else moment)
    token = _session.set(session)
    try:
        yield session
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
