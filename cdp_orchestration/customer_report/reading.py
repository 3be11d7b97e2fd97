"""Read the rows of a query as typed figures, and the two conditions that several queries share."""

from typing import Any, TypeVar

import duckdb

Figure = TypeVar("Figure")

# A profile that counts as a customer, in rates per customer and among those who may be contacted
IS_CUSTOMER = "not profiles.is_anonymous"
# The day of an order
ORDER_DAY = "orders.ordered_at::date"


def read(connection: duckdb.DuckDBPyConnection, kind: type[Figure], query: str, *values: Any) -> tuple[Figure, ...]:
    """Return one figure a row; the query selects the fields of the figure in their order."""
    return tuple(kind(*row) for row in connection.execute(query, list(values)).fetchall())
