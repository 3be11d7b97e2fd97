"""How a source writes days and times that are not ISO 8601: the formats that a field may declare."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator

# What one unit of a count since 1970 is in microseconds, and how many digits such a count has at most.
EPOCHS: Final[dict[str, tuple[int, int]]] = {
    "epoch_seconds": (1_000_000, 11),
    "epoch_milliseconds": (1_000, 14),
    "epoch_microseconds": (1, 17),
}
_ONE_OR_TWO = "[0-9]{1,2}"
# The parts of a format, as strptime names them, and how each is written.
_PARTS: Final[dict[str, str]] = {
    "d": _ONE_OR_TWO,
    "m": _ONE_OR_TWO,
    "b": "[A-Za-z]{3}",
    "B": "[A-Za-z]{3,9}",
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "a": "[A-Za-z]{3}",
    "A": "[A-Za-z]{6,9}",
    "H": _ONE_OR_TWO,
    "I": _ONE_OR_TWO,
    "p": "[AaPp][Mm]",
    "M": "[0-9]{2}",
    "S": "[0-9]{2}",
    "f": "[0-9]{1,6}",
    "z": "([+-][0-9]{2}:?[0-9]{2}|[Zz])",
}
_NEEDED = (("d",), ("m", "b", "B"), ("Y", "y"))
_PART = re.compile(r"%(.?)")
_EXAMPLES = 'such as "%d.%m.%Y" or "%m/%d/%Y %I:%M %p"'


def is_epoch(form: str) -> bool:
    """Return whether a format is a count since 1970."""
    return form in EPOCHS


def has_zone(form: str) -> bool:
    """Return whether a format says the zone of each time."""
    return "%z" in form


def pattern_of(form: str) -> str:
    """Return the regular expression (RE2) of the texts that are written in a format."""
    if is_epoch(form):
        return rf"-?[0-9]{{1,{EPOCHS[form][1]}}}(\.[0-9]{{1,9}})?"
    texts = _PART.split(form)  # at each second place stands the letter of a part
    return "".join(_part(texts, place) if place % 2 else re.escape(text) for place, text in enumerate(texts))


def _part(texts: Sequence[str], place: int) -> str:
    """Return the expression of one part: of two that follow each other at once, each has all of its digits."""
    pattern = _PARTS[texts[place]]
    adjoins_former = place > 1 and not texts[place - 1]
    adjoins_next = place + 2 < len(texts) and not texts[place + 1]
    return "[0-9]{2}" if pattern == _ONE_OR_TWO and (adjoins_former or adjoins_next) else pattern


def _known_format(value: str) -> str:
    """Refuse what is not certain to read one text as one time."""
    if is_epoch(value):
        return value
    parts = _PART.findall(value)
    unknown = [part for part in parts if part not in _PARTS]
    if not parts or unknown or not value.isprintable():
        known = ", ".join(f"%{part}" for part in _PARTS)
        raise ValueError(f"expected a format of strptime, {_EXAMPLES}, with {known}; or one of {', '.join(EPOCHS)}")
    if len(set(parts)) < len(parts):
        raise ValueError("a part stands twice in the format")
    if any(len(set(parts) & set(either)) != 1 for either in _NEEDED):
        raise ValueError(f"expected one day, one month and one year, {_EXAMPLES}")
    if ("I" in parts) != ("p" in parts) or {"H", "I"} <= set(parts):
        raise ValueError("expected %H, or %I with %p")
    return value


def _no_two_alike(values: Sequence[str]) -> Sequence[str]:
    """Refuse two formats between which only the order of their parts decides, such as day and month."""
    patterns = [pattern_of(value) for value in values]
    if len(set(patterns)) < len(patterns):
        raise ValueError("two formats read the same text differently; expected one of them")
    return values


def _known_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("expected the name of a time zone, such as Europe/Berlin")
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


TimeFormat = Annotated[str, AfterValidator(_known_format)]
"""A format of strptime with English names of months, or a count since 1970."""
TimeFormats = Annotated[
    tuple[TimeFormat, ...],
    BeforeValidator(_as_list, json_schema_input_type=TimeFormat | list[TimeFormat]),
    AfterValidator(_no_two_alike),
]
"""One format or a list of them."""
TimeZone = Annotated[str, AfterValidator(_known_zone)]
"""The name of a time zone, such as Europe/Berlin."""
DecimalSign = Literal[",", "."]
"""The sign before the decimals of a number."""
