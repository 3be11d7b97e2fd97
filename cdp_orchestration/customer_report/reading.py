"""Read the rows of a query as typed figures; what a customer and a day is to all queries."""

from typing import Any, TypeVar

import duckdb

Figure = TypeVar("Figure")

# A profile that counts as a customer, in rates per customer and among those who may be contacted
IS_CUSTOMER = "not profiles.is_anonymous"


def day_of(time: str) -> str:
    """Return the SQL of the day of a time by the company's clocks; the days of orders are published.

    Args:
        time: the SQL of the time; one without a zone, as releases of earlier versions have them, is UTC.

    Returns:
        The SQL, for a connection in UTC.
    """
    return f"timezone((select max(company_time_zone) from as_of), ({time})::timestamptz)::date"


def read(connection: duckdb.DuckDBPyConnection, kind: type[Figure], query: str, *values: Any) -> tuple[Figure, ...]:
    """Return one figure a row; the query selects the fields of the figure in their order."""
    return tuple(kind(*row) for row in connection.execute(query, list(values)).fetchall())
