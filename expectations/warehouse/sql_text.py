"""Names and values as SQL text. A rule's values come from the declarations, never from a row."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def quoted(name: str) -> str:
    """Return the name of a column as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """Return a value as SQL."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, datetime):
        return f"timestamp '{value.isoformat(' ')}'"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    return "'" + str(value).replace("'", "''") + "'"


def literals(values: Iterable[Any]) -> str:
    """Return values as the right side of ``in``; no row is in an empty list."""
    return "(" + (", ".join(map(literal, values)) or "null") + ")"


def bounds(expression: str, arguments: Any) -> str:
    """Return the condition that an expression lies within ``min_value`` and ``max_value``, as far as they are given."""
    low, high = arguments.get("min_value"), arguments.get("max_value")
    parts = []
    if low is not None:
        parts.append(f"{expression} {'>' if arguments.get('strict_min') else '>='} {literal(low)}")
    if high is not None:
        parts.append(f"{expression} {'<' if arguments.get('strict_max') else '<='} {literal(high)}")
    return " and ".join(parts) or "true"
