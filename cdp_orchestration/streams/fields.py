"""The kinds of fields that a stream can declare, one function each.

Every kind takes the vendor's name, the name in staging (the vendor's by default, ``UNSTAGED`` for a field that the
staging model only computes from) and what the value means (by default the doc block named like the staging column in
``dbt_project/docs/``, where the meanings stand that several streams share).
"""

from typing import Final

from cdp_orchestration.streams.stream import Field, FieldType, StagedColumn, TextKind

UNSTAGED: Final = ""


def text(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare any text."""
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


def integer(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a whole number."""
    return _field(name, "integer", staged_name, means)


def decimal(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a number with up to four decimals."""
    return _field(name, "decimal", staged_name, means)


def amount(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare money; a row with less than nothing is refused."""
    return _field(name, "decimal", staged_name, means, is_non_negative=True)


def boolean(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a yes or no."""
    return _field(name, "boolean", staged_name, means)


def date(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a day."""
    return _field(name, "date", staged_name, means)


def date_of_birth(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a date of birth; of an impossible one the value is refused and the row lands."""
    # Typed by hand in every system; a customer is not lost for an impossible one.
    return _field(name, "date", staged_name, means, keeps_row=True)


def timestamp(
    name: str, staged_name: str | None = None, means: str | None = None, *, not_after: str | None = None
) -> Field:
    """Declare a point in time; it lands in UTC. ``not_after`` names the field that holds when it was received."""
    return _field(name, "timestamp", staged_name, means, not_after=not_after)


def json_text(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a JSON document; it lands as text."""
    return _field(name, "json", staged_name, means)


def priced(name: str, staged_name: str | None = None, means: str | None = None) -> Field:
    """Declare a JSON list of items with a price; a row with a price of less than nothing is refused."""
    return _field(name, "json", staged_name, means, non_negative_path="$[*].price")


def derived(name: str, means: str | None = None) -> StagedColumn:
    """Declare a column that the staging model computes."""
    return StagedColumn(name, _doc(name) if means is None else means)


def _field(
    name: str,
    kind: FieldType,
    staged_name: str | None,
    means: str | None,
    *,
    is_non_negative: bool = False,
    keeps_row: bool = False,
    non_negative_path: str | None = None,
    not_after: str | None = None,
    text_kind: TextKind = "free",
) -> Field:
    staged = name if staged_name is None else staged_name
    description = _doc(staged) if means is None else means
    return Field(
        name, kind, is_non_negative, keeps_row, non_negative_path, not_after, staged or None, text_kind, description
    )


def _doc(block: str) -> str:
    return f"{{{{ doc('{block}') }}}}"
