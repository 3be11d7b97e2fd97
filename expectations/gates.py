"""The types of a gate: a table's key and columns, and the checks on its rows. Plain values, no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["critical", "warning"]

COLUMNS_CHECK = "promised columns are present"


@dataclass(frozen=True)
class RowRule:
    """A condition on rows; the share of rows that meet it must be at least ``mostly``.

    ``holds`` is a boolean SQL expression over the gate's subject; window functions are allowed. Rows for which it is
    null are not evaluated: a rule about a format ignores missing values, and an empty table passes.
    ``key`` names the columns that identify failing rows, if they differ from the gate's.
    """

    check_name: str
    severity: Severity
    holds: str
    mostly: float = 1.0
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measure:
    """A number about the whole table that must be between ``minimum`` and ``maximum``, both included.

    ``value`` is an SQL aggregate over the gate's subject; null (nothing to measure) passes.
    ``failing`` is a boolean SQL expression: the rows whose keys are reported when the number is out of bounds.
    """

    check_name: str
    severity: Severity
    value: str
    minimum: float | None = None
    maximum: float | None = None
    failing: str | None = None
    key: tuple[str, ...] = ()


Check = RowRule | Measure


@dataclass(frozen=True)
class Gate:
    """The checks of one table of one stage.

    ``subject`` is the query whose rows are evaluated. It reads ``batch`` (the table under check) and the
    ``companions``: other relations, by the name that the query uses, with their usual place. Its rows have a further
    column ``checked_at``, the time of the check.
    ``columns`` must be in the table; where ``column_types`` names one, it must have that DuckDB type.
    The key must identify a row without being personal: record and profile ids, never an e-mail.
    """

    stage: str
    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    checks: tuple[Check, ...]
    subject: str = "select * from batch"
    companions: Mapping[str, str] = field(default_factory=dict)
    column_types: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse two checks of one name, because the name identifies an outcome."""
        names = [COLUMNS_CHECK, *(check.check_name for check in self.checks)]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(
                f"Gate {self.stage}.{self.table} has several checks named {repeated}; expected one each. Rename them."
            )
