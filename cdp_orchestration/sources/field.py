"""What a field of a stream is: its type, its limits, how its values are written, and the staged column that has it."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

from cdp_orchestration.sources.limits import MAX_TEXT_CHARACTERS

JsonForm = Literal["object", "list of objects", "list of texts"]
FieldType = Literal["text", "integer", "decimal", "boolean", "date", "timestamp", "json"]
TextKind = Literal["free", "digits", "identifier", "salesforce_id"]
"""What a text is: any text; digits that no arithmetic applies to, such as a phone number; an id or a reference."""

DUCKDB_TYPES: dict[FieldType, str] = {
    "text": "varchar",
    "integer": "bigint",
    "decimal": "decimal(18, 4)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "json": "varchar",
}


@dataclass(frozen=True)
class Range:
    """The numbers that a field may hold, both ends included; ``keeps_row``: one outside is refused alone."""

    minimum: int
    maximum: int
    keeps_row: bool = False


@dataclass(frozen=True)
class Scale:
    """The scale of a score by the value of another field of the row, lower case; ``other`` where it names none."""

    field: str
    ranges: dict[str, tuple[int, int]] = dataclasses.field(hash=False)
    other: tuple[int, int]


@dataclass(frozen=True)
class NumberInside:
    """A number inside a JSON field; ``path`` has one part a level, ``*`` stands for each item of a list."""

    path: tuple[str, ...]
    range: Range

    @property
    def json_path(self) -> str:
        """The path as DuckDB writes it, such as ``$[*].price``."""
        return "$" + "".join("[*]" if part == "*" else f".{part}" for part in self.path)


# What landing adds to the fields of every stream; DuckDB takes names of either case for one.
LANDED_COLUMNS = frozenset(
    {"_batch_id", "_loaded_at", "_source_file", "_source_line", "_row_hash", "_corrected_times", "_extra"}
)


@dataclass(frozen=True)
class SenderClock:
    """The fields in which a sender states, both by its own clock, when something happened and when it sent the row."""

    happened: str
    sent: str


@dataclass(frozen=True)
class Field:
    """One field of a stream as the vendor names it."""

    name: str
    type: FieldType
    keeps_row: bool = False  # a value that is not of its type is refused alone, the row lands without it
    range: Range | None = None  # of a number
    scale: Scale | None = None  # of a score
    max_characters: int = MAX_TEXT_CHARACTERS  # of a text, and of each text inside a JSON field
    pattern: str | None = None  # that a text matches without blanks around it, as RE2 writes it
    form: JsonForm | None = None  # of a JSON field
    numbers_inside: tuple[NumberInside, ...] = ()  # of a JSON field
    takes_receipt: bool = False  # of a time at which something occurred: a later one takes the time of receipt
    may_be_planned: bool = False  # of such a time: one that lies far ahead has not come yet
    sender_clock: SenderClock | None = None  # of such a time: what a wrong or missing one is computed from
    is_of_sender: bool = False  # of a time by the sender's own clock, which is compared with no other clock
    formats: tuple[str, ...] = ()  # of a day or time that is not written as ISO 8601, by ``formats.py``
    time_zone: str | None = None  # of a time that is written without one; UTC where none is declared
    time_field: str | None = None  # of a time: the field with the time of the day, where it holds the day alone
    decimal_sign: str | None = None  # of a number; the other sign may stand between its groups
    divided_by: int = 1  # of a number that counts hundredths, 100
    staged_name: str | None = None  # the column of the stream's staging model that carries it
    text_kind: TextKind = "free"
    description: str = ""  # text, or a reference to a doc block of the dbt project

    @property
    def is_identifier(self) -> bool:
        """Whether the field holds an id of its row, or a reference to another one."""
        return self.text_kind in ("identifier", "salesforce_id")


@dataclass(frozen=True)
class StagedColumn:
    """A column of a stream's staging model that is computed, not carried over from one field."""

    name: str
    description: str
