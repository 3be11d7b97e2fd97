"""The cursor of a table: what kind of values it has, and how the texts of two positions compare."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation, localcontext

_MAX_DIGITS = 1_000  # of a number in any of these databases; a sum of fewer would be rounded
_FRACTIONS = ("DECIMAL", "DOUBLE", "FLOAT")
_WHOLE = ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT")
_ZONED = "TIMESTAMP WITH TIME ZONE"
_REPEATED_SECONDS = 3600  # when summer time ends, the clocks of a place show an hour twice


@dataclass(frozen=True)
class Cursor:
    """A cursor: its name as an identifier, and the type by which DuckDB knows the column."""

    name: str
    type: str

    @property
    def is_number(self) -> bool:
        """Whether it is a number; else it is a time."""
        return self.type.startswith((*_WHOLE, *_FRACTIONS)) and not self._is_list

    @property
    def has_fractions(self) -> bool:
        """Whether it is a number that may have a fraction, or be none at all."""
        return self.type.startswith(_FRACTIONS)

    @property
    def is_time(self) -> bool:
        """Whether it is a time or a day."""
        return self.type.startswith(("TIMESTAMP", "DATE")) and not self._is_list

    @property
    def is_day(self) -> bool:
        """Whether it is a day, which stands for any time of it."""
        return self.type == "DATE"

    @property
    def _is_list(self) -> bool:
        return self.type.endswith("]")

    def overlap(self, declared: int, *, is_default: bool) -> int:
        """Return by how much a fetch goes back; by default so far that no time of a place is passed over."""
        is_local = not (self.is_number or self.is_day or self.type == _ZONED)
        return declared + (_REPEATED_SECONDS if is_default and is_local else 0)

    def holds(self, position: str) -> bool:
        """Return whether a position is a value of this kind of cursor."""
        return isinstance(value_of(position, is_number=self.is_number), Decimal if self.is_number else datetime)

    def is_behind(self, newest: str, since: str, overlap: int) -> bool:
        """Return whether the newest row lies so far before a position that another fetch would not find it."""
        found, reached = (value_of(text, is_number=self.is_number) for text in (newest, since))
        if isinstance(found, Decimal) and isinstance(reached, Decimal):
            with localcontext(prec=_MAX_DIGITS):
                return found < reached - overlap
        if isinstance(found, datetime) and isinstance(reached, datetime):
            below = reached - timedelta(seconds=overlap)
            return found.date() < below.date() if self.is_day else found < below
        return True


def number_below(since: str, overlap: int) -> str:
    """Return a number less some units as an SQL literal, without rounding."""
    with localcontext(prec=_MAX_DIGITS):
        return f"({Decimal(since) - overlap:f})"


def value_of(text: str, *, is_number: bool) -> Decimal | datetime | None:
    """Return a position as a number or as a time in UTC; None where it is none."""
    if is_number:
        with suppress(InvalidOperation):
            number = Decimal(text)
            return number if number.is_finite() else None
        return None
    with suppress(ValueError, OverflowError):
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def asked_position(asked: str, reached: str | None) -> str | None:
    """Return the position from which a person wants rows again; None where it is none.

    Args:
        asked: a number, a day or a time; one with a zone is taken to UTC.
        reached: the position so far, whose kind it must have, and which is never passed over.
    """
    for is_number in (True, False):
        value = value_of(asked, is_number=is_number)
        limit = None if reached is None else value_of(reached, is_number=is_number)
        if value is None or (reached is not None and limit is None):
            continue
        if isinstance(value, Decimal):
            return reached if isinstance(limit, Decimal) and limit < value else str(value)
        if isinstance(limit, datetime) and limit < value:
            return reached
        return value.replace(tzinfo=None).isoformat(sep=" ")
    return None
