"""The cursor of a stream of an API: how it is read from a row, compared, stored, and sent back."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cdp_orchestration.connectors.rest.answers import JsonPath, NumberText

Form = Literal["timestamp", "epoch_seconds", "epoch_milliseconds", "integer", "text"]
CursorValue = datetime | int | str

_TIMES = ("timestamp", "epoch_seconds", "epoch_milliseconds")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A text is sent back inside parameters and query languages, so it holds no sign that could end a literal there.
SAFE_TEXT = re.compile(r"[\w.:+\-=/]{1,200}", re.ASCII)
_SAFE_INTEGER = re.compile(r"-?[0-9]{1,38}")


class Cursor(BaseModel):
    """The field by which the newest version of a row is known, and how the API is asked for what is newer."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    field: JsonPath = Field(description="Where a row has it, such as updated_at or properties.lastmodifieddate.")
    form: Form = Field(
        "timestamp", description="How the rows write it: a timestamp is ISO 8601, UTC without an offset."
    )
    sent_as: Literal["timestamp", "epoch_seconds", "epoch_milliseconds"] | None = Field(
        None, description="How a time is sent for {since}, when not in the form of the rows."
    )
    overlap: int | None = Field(
        None,
        ge=0,
        description="How far before the position a fetch starts: seconds of a time (300), units of a number (0).",
    )
    is_sorted: bool = Field(
        False, description="Whether the rows come in this order, so that a fetch that failed can go on where it was."
    )
    first: str | int | None = Field(
        None, description="Where the first fetch starts; without it, what has {since} is left out of that fetch."
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> "Cursor":
        if not self.field:
            raise ValueError("the cursor's field is empty; expected the name of a member of a row")
        if self.sent_as and not self.is_time:
            raise ValueError(f"sent_as is for times; a cursor of the form {self.form} is sent as it is")
        if self.form == "text" and self.overlap:
            raise ValueError("a text has no overlap; expected none")
        if self.first is not None and self.parse(self.first) is None:
            raise ValueError(f"first is no {self.form}")
        return self

    @property
    def is_time(self) -> bool:
        """Whether the cursor is a time, which cannot lie after the fetch."""
        return self.form in _TIMES

    def read(self, value: Any) -> CursorValue | None:
        """Return the comparable cursor of a row's value; None where it has none that can be read."""
        if value is None or isinstance(value, bool | dict | list):
            return None
        text = str(value).strip()
        if self.form == "integer":
            return int(text) if _SAFE_INTEGER.fullmatch(text) else None
        if self.form == "text":
            return text if SAFE_TEXT.fullmatch(text) else None
        return _from_epoch(text, self.form) if self.form != "timestamp" else _from_iso(text)

    def parse(self, stored: str | int) -> CursorValue | None:
        """Return the comparable cursor of a stored position, or of a declared start: ISO 8601 is right for any time."""
        iso = _from_iso(str(stored)) if self.is_time else None
        return iso or self.read(NumberText(stored))

    def stored(self, value: CursorValue) -> str | int:
        """Return a cursor as a position holds it."""
        return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value

    def since(self, position: CursorValue | None) -> str | None:
        """Return what asks for rows from a position on, the overlap before it; without one, from the declared start."""
        if position is None:
            return None if self.first is None else self._sent(self.parse(self.first), 0)
        return self._sent(position, self._overlap)

    @property
    def _overlap(self) -> int:
        return (300 if self.is_time else 0) if self.overlap is None else self.overlap

    def _sent(self, value: CursorValue | None, overlap: int) -> str:
        if not isinstance(value, datetime):
            return str(value - overlap if isinstance(value, int) else value)
        since = max(value, _EPOCH + timedelta(seconds=overlap)) - timedelta(seconds=overlap)
        form = self.sent_as or self.form
        if form == "timestamp":
            return since.strftime("%Y-%m-%dT%H:%M:%SZ")
        seconds = int((since - _EPOCH).total_seconds())  # rounded down, which reads more and never less
        return str(seconds if form == "epoch_seconds" else seconds * 1000)


def newest(one: CursorValue | None, other: CursorValue | None) -> CursorValue | None:
    """Return the later of two cursors of one stream."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


def _from_iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_epoch(text: str, form: Form) -> datetime | None:
    try:
        number = Decimal(text)
        seconds = number / 1000 if form == "epoch_milliseconds" else number
        return _EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
    except (InvalidOperation, OverflowError, ValueError):
        return None
