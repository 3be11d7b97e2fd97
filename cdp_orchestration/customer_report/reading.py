"""Read the rows of a query as typed figures."""

from typing import Any, TypeVar

import duckdb

Figure = TypeVar("Figure")


def read(connection: duckdb.DuckDBPyConnection, kind: type[Figure], query: str, *values: Any) -> tuple[Figure, ...]:
    """Return one figure a row; the query selects the fields of the figure in their order."""
    return tuple(kind(*row) for row in connection.execute(query, list(values)).fetchall())
