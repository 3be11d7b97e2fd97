"""The declaration of one field of a stream: what kind of value it holds, and how the source writes it."""

from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from cdp_orchestration.sources.formats import DecimalSign, TimeFormats, TimeZone, is_epoch
from cdp_orchestration.sources.kinds import KINDS, NUMBER_RANGES
from cdp_orchestration.sources.mappings import Declared, Meaning, PlainText, Word

AMOUNTS = ("amount", "signed_amount")
TIMES = ("timestamp", "occurrence", "state_change")
_DAYS = ("date", "date_of_birth")
_ALL_TIMES = (*TIMES, "sender_time")
# The kinds to which each word of how a value is written applies.
_WRITTEN = {
    "format": (*_DAYS, *_ALL_TIMES),
    "time_zone": _ALL_TIMES,
    "time_in": _ALL_TIMES,
    "decimal": (*AMOUNTS, "quantity", "integer"),
    "divided_by": (*AMOUNTS, "quantity"),
}


class SenderClockDeclaration(Declared):
    """The fields in which a sender states, both by its own clock, when something happened and when it sent the row."""

    happened: PlainText = Field(description="The field with the time at which it happened.")
    sent: PlainText = Field(description="The field with the time at which the row was sent.")


class FieldDeclaration(Declared):
    """One field of a stream; its kind alone where nothing else is said."""

    kind: str = Field(description=f"One of {', '.join(KINDS)}.")
    staged: Word | Literal[False] | None = Field(None, description="The column of staging; false for none.")
    means: Meaning | None = Field(None, description="What the value means, for people who read the tables.")
    sender_clock: SenderClockDeclaration | None = None
    numbers: dict[str, str] = Field({}, description="Of JSON: the kind of number at each path, such as *.price.")
    survey: PlainText | None = Field(
        None, description="Of a score: nps (0 to 10), csat (1 to 5), ces (1 to 7), or the field that names the survey."
    )
    format: TimeFormats = Field((), description="How a day or time is written, such as %d.%m.%Y or epoch_seconds.")
    time_zone: TimeZone | None = Field(None, description="Whose clock times without a zone are; without it UTC.")
    time_in: PlainText | None = Field(
        None, description="Of a day: the field with the time of it. Both are read as one text, a blank between them."
    )
    decimal: DecimalSign | None = Field(None, description="The sign before the decimals; the other one may group.")
    divided_by: Literal[10, 100, 1000] | None = Field(None, description="100 of an amount in cents.")

    @model_validator(mode="before")
    @classmethod
    def _of_kind(cls, value: Any) -> Any:
        return {"kind": value} if isinstance(value, str) else value

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, value: str) -> str:
        if value not in KINDS:
            raise ValueError(f"expected one of {', '.join(KINDS)}")
        return value

    @field_validator("numbers")
    @classmethod
    def _known_numbers(cls, value: dict[str, str]) -> dict[str, str]:
        for path, kind in value.items():
            if kind not in NUMBER_RANGES:
                raise ValueError(f"{path} is of kind {kind}; expected one of {', '.join(NUMBER_RANGES)}")
        return value

    @model_validator(mode="after")
    def _has_the_scale_of_a_score(self) -> Self:
        if self.kind == "score" and not self.survey:
            raise ValueError("a score needs `survey`: nps, csat or ces, or the field that names it")
        return self

    @model_validator(mode="after")
    def _is_written_as_its_kind_can_be(self) -> Self:
        for word, kinds in _WRITTEN.items():
            if getattr(self, word) and self.kind not in kinds:
                raise ValueError(f"kind {self.kind} takes no {word}; expected one of {', '.join(kinds)}")
        if self.kind in _DAYS and any(map(is_epoch, self.format)):
            raise ValueError(f"kind {self.kind} takes no count since 1970; expected a day, such as %d.%m.%Y")
        if self.kind == "date_of_birth" and any("%y" in each for each in self.format):
            raise ValueError("a year of two digits says no century of birth; expected %Y")
        return self

    @property
    def limits(self) -> dict[str, Any]:
        """What is declared for this kind alone, by the names of the kind's arguments."""
        given = {
            "sender_clock": self.sender_clock,
            "numbers": self.numbers or None,
            "survey": self.survey,
        }
        return {name: value for name, value in given.items() if value is not None}
