"""What a gate is: a table, the rows of it that are evaluated, and the expectations on them. A plain value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

Severity = Literal["critical", "warning"]

COLUMNS_CHECK = "promised columns are present"
FIGURES = "_figures"
"""What the name of a gate on the figures of a table ends with, after the name of the table."""


@dataclass(frozen=True)
class Gate:
    """The expectations on one table of one stage.

    Attributes:
        stage: the stage of the table.
        table: its name.
        key: the columns that name a failing row without being personal: record and profile ids, never an e-mail.
        columns: what must be in the table.
        expectations: stock classes of Great Expectations (and ``expectations.warehouse``), each with a severity and
            a description: a sentence that is true of a good table, and names the check in every output.
        query: the rows that are evaluated, where they are more than the table's: with columns of other tables, or
            with a column of yes and no for what no stock class says. ``{table}`` is the table under check, ``clock``
            a row with ``checked_at``, the time of the check.
        key_of: other columns than ``key``, for the rules about one column.
        is_of_one_run: whether place and limits are those of one run, so that the stored suite stands for all runs and
            is not written again for them.
        personal: columns whose smallest, largest and middle values are never shown; ``*`` stands for all.
    """

    stage: str
    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    expectations: tuple["Expectation", ...]
    query: str = "select * from {table}"
    key_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    personal: tuple[str, ...] = ()
    is_of_one_run: bool = False

    @property
    def name(self) -> str:
        """Return the name of the gate, of its suite, and of all that is stored about it."""
        return f"{self.stage}.{self.table}"

    def __post_init__(self) -> None:
        """Refuse expectations that no outcome could be named after, and keys that would show a person."""
        descriptions = [COLUMNS_CHECK] * bool(self.columns) + [each.description or "" for each in self.expectations]
        repeated = sorted({each for each in descriptions if descriptions.count(each) > 1 or not each})
        if repeated:
            raise ValueError(
                f"Gate {self.name} has several expectations described as {repeated}; expected one each, and none "
                "without a description. Reword them."
            )
        shown = {*self.key, *(column for key in self.key_of.values() for column in key)} & {*self.personal}
        if shown:
            raise ValueError(f"Gate {self.name} names failing rows by {sorted(shown)}, which are personal. Use ids.")
