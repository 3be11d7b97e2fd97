"""SQL conditions on the format of values, shared by the gates. Null stays null: missing values are not evaluated."""

from typing import Final

_EMAIL: Final = r"[^@\s,;<>()]+@([a-z0-9\p{L}]([a-z0-9\p{L}-]*[a-z0-9\p{L}])?\.)+[a-z\p{L}][a-z0-9\p{L}-]+"
_PHONE: Final = r"\+[1-9][0-9]{6,14}"


def is_email(value: str) -> str:
    """Whether one text is a lower-case e-mail address; letters of every alphabet may occur."""
    return f"regexp_full_match({value}, '{_EMAIL}') and {value} = lower({value})"


def is_phone(value: str) -> str:
    """Whether one text is a phone number in E.164."""
    return f"regexp_full_match({value}, '{_PHONE}')"


def matches(value: str, pattern: str) -> str:
    """Whether the whole text matches the pattern."""
    return f"regexp_full_match({value}, '{pattern}')"


def every(values: str, predicate: str) -> str:
    """Whether every item of a list meets the predicate, in which the item is named ``item``; null for an empty list."""
    return f"case when len({values}) > 0 then len(list_filter({values}, lambda item: not ({predicate}))) = 0 end"


def is_one_of(value: str, words: tuple[str, ...]) -> str:
    """Whether a text is one of the words."""
    return f"{value} in ({', '.join(repr(word) for word in words)})"


def is_plausible_date_of_birth(value: str) -> str:
    """Whether a date of birth is at most 120 years ago and not in the future."""
    return f"{value} between (checked_at - interval 120 years)::date and checked_at::date"


def is_past(value: str, earliest: str = "2000-01-01") -> str:
    """Whether a time is between the earliest plausible day and tomorrow, because clocks and zones differ."""
    return f"{value} between timestamp '{earliest}' and checked_at + interval 1 day"


def is_alone(*columns: str) -> str:
    """Whether no other row has the same values in these columns."""
    return f"count(*) over (partition by {', '.join(columns)}) = 1"
