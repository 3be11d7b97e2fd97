"""A query that a signal stops ends, and the signal stays what it is: a request to end, not the failure of a step."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb


@contextmanager
def ending_with_signals(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Raise what a handler of a signal raised while DuckDB ran a query of this connection, and end that query.

    DuckDB wraps it in a RuntimeError, which Dagster takes for the failure of one step, and goes on with the others. It
    also keeps the query with its database until the connection runs another one: whoever opened the same file again in
    this process waited without end.

    Args:
        connection: the connection that runs the queries of the block.

    Yields:
        Once, to the block.

    Raises:
        RuntimeError: the block's own error, which no signal caused.
    """
    try:
        yield
    except RuntimeError as error:
        request = error.__cause__
        if request is None or isinstance(request, Exception):
            raise
    else:
        return
    connection.interrupt()
    connection.execute("select 1")
    raise request
