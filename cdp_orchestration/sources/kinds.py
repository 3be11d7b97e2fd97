"""The kinds of fields that a stream can declare, one function each; ``KINDS`` has them by the name in a declaration.

Every kind takes the vendor's name, the name in staging (the vendor's by default, ``UNSTAGED`` for a field that the
staging model only computes from) and what the value means (by default the doc block named like the staging column in
``dbt_project/docs/``, where the meanings stand that several streams share).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cdp_orchestration.sources.field import (
    Field,
    FieldType,
    NumberInside,
    Range,
    Scale,
    SenderClock,
    StagedColumn,
)
from cdp_orchestration.sources.limits import (
    MAX_AMOUNT,
    MAX_COUNT,
    MAX_LONG_TEXT_CHARACTERS,
    MAX_MINUTES,
    MAX_QUANTITY,
    MAX_UNKNOWN_SCORE,
    SURVEY_SCALES,
)

UNSTAGED: Final = ""
# Money decides totals: a row without it would be counted wrongly, so the row is refused.
AMOUNTS: Final = Range(0, MAX_AMOUNT)
PRICES: Final = Range(0, MAX_AMOUNT, keeps_row=True)  # that a visitor has seen; no total depends on them
QUANTITIES: Final = Range(-MAX_QUANTITY, MAX_QUANTITY, keeps_row=True)
MINUTES: Final = Range(0, MAX_MINUTES, keeps_row=True)
NUMBER_RANGES: Final = {
    "amount": AMOUNTS,
    "signed_amount": Range(-MAX_AMOUNT, MAX_AMOUNT),
    "price": PRICES,
    "quantity": QUANTITIES,
    "minutes": MINUTES,
}


def text(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a name, an id, a word: a text of limited length."""
    return _field(name, "text", staged_name, means)


def identifier(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare an id or a reference: ``3901.0`` lands as ``3901``; a row whose id lost digits is refused."""
    return _field(name, "text", staged_name, means, text_kind="identifier")


def salesforce_id(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare an id or a reference of Salesforce; one of 15 characters lands with 18."""
    return _field(name, "text", staged_name, means, text_kind="salesforce_id")


def digits(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a phone number or postcode; of one that lost digits the value is refused and the row lands."""
    return _field(name, "text", staged_name, means, text_kind="digits")


def long_text(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare what somebody wrote, an address of a page, or a list of words."""
    return _field(name, "text", staged_name, means, max_characters=MAX_LONG_TEXT_CHARACTERS)


def currency(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a currency code; another text is refused and the row lands, its amounts without a currency."""
    return _field(name, "text", staged_name, means, pattern="[A-Za-z]{3}")


def integer(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a count; one that cannot be is refused and the row lands."""
    return _field(name, "integer", staged_name, means, range=Range(0, MAX_COUNT, keeps_row=True))


def score(name: str, staged_name: str | None = None, means: str | None = None, *, survey: str) -> Field:
    """Declare the answer to a survey; one that is off the scale of the survey is refused and the row lands."""
    if survey in SURVEY_SCALES:
        return _field(name, "integer", staged_name, means, range=Range(*SURVEY_SCALES[survey], keeps_row=True))
    scale = Scale(survey, SURVEY_SCALES, other=(0, MAX_UNKNOWN_SCORE))
    return _field(name, "integer", staged_name, means, scale=scale)


def quantity(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare pieces or weight; an impossible one is refused and the row lands."""
    return _field(name, "decimal", staged_name, means, range=QUANTITIES)


def signed_amount(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare money that may be less than nothing."""
    return _field(name, "decimal", staged_name, means, range=Range(-MAX_AMOUNT, MAX_AMOUNT))


def amount(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare money; a row with less than nothing is refused."""
    return _field(name, "decimal", staged_name, means, range=AMOUNTS)


def boolean(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a yes or no."""
    return _field(name, "boolean", staged_name, means)


def date(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a day: it may lie before 1990, and ahead; no figure counts from it."""
    return _field(name, "date", staged_name, means)


def date_of_birth(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a date of birth; of an impossible one the value is refused and the row lands."""
    # Typed by hand in every system; a customer is not lost for an impossible one.
    return _field(name, "date", staged_name, means, keeps_row=True)


def timestamp(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a point in time; it lands in UTC. One that is later than its receipt is left out, but a cursor."""
    return _field(name, "timestamp", staged_name, means)


def occurrence(
    name: str,
    staged_name: str | None = None,
    means: str | None = None,
    *,
    sender_clock: SenderClock | None = None,
) -> Field:
    """Declare when something occurred: one that is later than its receipt is corrected."""
    return _field(name, "timestamp", staged_name, means, takes_receipt=True, sender_clock=sender_clock)


def state_change(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare since when a row is deleted or cancelled: one just ahead has occurred, one far ahead has not come."""
    return _field(name, "timestamp", staged_name, means, takes_receipt=True, may_be_planned=True)


def sender_time(name: str, means: str) -> Field:
    """Declare a time by the sender's own clock, from which another time is corrected; staging does not carry it."""
    return _field(name, "timestamp", UNSTAGED, means, keeps_row=True, is_of_sender=True)


def json_object(
    name: str, staged_name: str | None = None, means: str | None = None, *, numbers: Mapping[str, Range] | None = None
) -> Field:
    """Declare a JSON object; it lands as text. ``numbers`` has what its numbers may be, by path such as ``a.b``."""
    return _field(name, "json", staged_name, means, form="object", numbers_inside=_numbers(numbers))


def json_objects(
    name: str, staged_name: str | None = None, means: str | None = None, *, numbers: Mapping[str, Range] | None = None
) -> Field:
    """Declare a JSON list of objects; it lands as text. ``numbers``: as above, by path such as ``*.price``."""
    return _field(name, "json", staged_name, means, form="list of objects", numbers_inside=_numbers(numbers))


def json_texts(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a JSON list of words; it lands as text."""
    return _field(name, "json", staged_name, means, form="list of texts")


def derived(name: str, means: str | None = None) -> StagedColumn:
    """Declare a column that the staging model computes."""
    return StagedColumn(name, _doc(name) if means is None else means)


def _field(
    name: str,
    kind: FieldType,
    staged_name: str | None,
    means: str | None,
    **limits: Any,
) -> Field:
    staged = name if staged_name is None else staged_name
    description = _doc(staged) if means is None else means
    return Field(name, kind, staged_name=staged or None, description=description, **limits)


def _numbers(ranges: Mapping[str, Range] | None) -> tuple[NumberInside, ...]:
    return tuple(NumberInside(tuple(path.split(".")), limits) for path, limits in (ranges or {}).items())


def _doc(block: str) -> str:
    return f"{{{{ doc('{block}') }}}}"


@dataclass(frozen=True)
class Kind:
    """A kind of field: the function that makes one, and what it takes beside names and meaning."""

    make: Callable[..., Field]
    arguments: frozenset[str] = frozenset()


KINDS: Final[dict[str, Kind]] = {
    **{
        make.__name__: Kind(make)
        for make in (
            text, long_text, identifier, salesforce_id, digits, currency, integer, quantity, amount, signed_amount,
            boolean, date, date_of_birth, timestamp, state_change, sender_time, json_texts,
        )
    },
    "score": Kind(score, frozenset({"survey"})),
    "occurrence": Kind(occurrence, frozenset({"sender_clock"})),
    "json_object": Kind(json_object, frozenset({"numbers"})),
    "json_objects": Kind(json_objects, frozenset({"numbers"})),
}  # fmt: skip
