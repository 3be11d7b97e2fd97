"""The format of values, shared by the gates: patterns for stock expectations, SQL conditions for columns of a query."""

from typing import Final

EMAIL: Final = r"^[^@\s,;<>()]+@([a-z0-9\p{L}]([a-z0-9\p{L}-]*[a-z0-9\p{L}])?\.)+[a-z\p{L}][a-z0-9\p{L}-]+$"
"""An e-mail address; letters of every alphabet may occur."""

UPPER_CASE: Final = r"[\p{Lu}\p{Lt}]"
PHONE: Final = r"^\+[1-9][0-9]{6,14}$"
"""A phone number in E.164."""

COUNTRY: Final = "^[A-Z]{2}$"
CURRENCY: Final = "^[A-Z]{3}$"
SHA_256: Final = "^[0-9a-f]{64}$"


def matches(value: str, pattern: str) -> str:
    """Whether a text has the pattern; null stays null."""
    return f"regexp_matches({value}, '{pattern}')"


def every(values: str, predicate: str) -> str:
    """Whether every item of a list meets the predicate, in which the item is named ``item``; null for an empty list."""
    return f"case when len({values}) > 0 then len(list_filter({values}, lambda item: not ({predicate}))) = 0 end"


def no_item(values: str, predicate: str) -> str:
    """Whether no item of a list meets the predicate, in which the item is named ``item``; null for an empty list."""
    return f"case when len({values}) > 0 then len(list_filter({values}, lambda item: {predicate})) = 0 end"


def is_plausible_date_of_birth(value: str) -> str:
    """Whether a date of birth is at most 120 years ago and not in the future."""
    return f"{value} between (checked_at - interval 120 years)::date and checked_at::date"


def is_past(value: str) -> str:
    """Whether a time is between the year 2000 and tomorrow, because clocks and zones differ."""
    return f"{value} between timestamp '2000-01-01' and checked_at + interval 1 day"
