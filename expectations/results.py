"""The outcomes of a gate: for the run's log, for its page, and in one line each for the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from expectations.gates import Gate, Severity

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult

SHOWN_KEYS = 5
_LONGEST_KEY = 120


@dataclass(frozen=True)
class Outcome:
    """One check of one table.

    ``observed_value`` is the share of good rows (0 to 1) if ``is_share``, else what was measured; null when there was
    nothing to evaluate or the check is broken. ``failed_row_count`` is null where the check is not about rows.
    ``sample_keys`` are keys of at most twenty failing rows (or the columns at fault), never personal values.
    ``broken_by`` is set when the check could not be evaluated; it then counts as critical and failed.
    """

    check_name: str
    severity: Severity
    is_passed: bool
    observed_value: float | str | None
    threshold: str
    failed_row_count: int | None
    sample_keys: tuple[str, ...]
    is_share: bool = False
    broken_by: str | None = None

    def failure(self) -> str:
        """Return the failed check in one line: what was found, what is allowed, how many rows and which."""
        if self.broken_by:
            return f"{self.check_name}: could not be evaluated ({self.broken_by})"
        found = _observed(self) + (" of rows" if self.is_share else "")
        line = f"{self.check_name}: found {found}, allowed {self.threshold}"
        rows = "" if self.failed_row_count is None else f"; {self.failed_row_count:,} failing"
        return line + rows + (f": {listed_keys(self.sample_keys)}" if self.sample_keys else "")


@dataclass(frozen=True)
class GateResult:
    """All outcomes of one table at one gate, and what a project of Great Expectations stores of them."""

    stage: str
    table: str
    outcomes: tuple[Outcome, ...]
    gate: Gate | None = field(default=None, compare=False, repr=False)
    relation: str = field(default="", compare=False, repr=False)
    validation: "ExpectationSuiteValidationResult | None" = field(default=None, compare=False, repr=False)

    @property
    def is_passed(self) -> bool:
        """Whether the next stage may read the table: no critical check has failed."""
        return not self.failed("critical")

    def failed(self, severity: Severity) -> tuple[Outcome, ...]:
        """Return the failed checks of one severity."""
        return tuple(each for each in self.outcomes if not each.is_passed and each.severity == severity)

    def to_markdown(self) -> str:
        """Return a heading with the result and a table with one row a check, failed ones first."""
        rows = sorted(self.outcomes, key=lambda each: (each.is_passed, each.severity))
        lines = [
            f"### {self.stage}.{self.table}: {self._summary()}",
            "",
            "| check | result | observed | expected | failing rows | examples |",
            "| --- | --- | ---: | --- | ---: | --- |",
            *(_markdown_row(each) for each in rows),
        ]
        return "\n".join(lines)

    def _summary(self) -> str:
        critical, warnings = len(self.failed("critical")), len(self.failed("warning"))
        if critical:
            return f"stopped, {critical} critical and {warnings} warning of {len(self.outcomes)} checks failed"
        if warnings:
            return f"passed, {warnings} warning of {len(self.outcomes)} checks failed"
        return f"passed, {len(self.outcomes)} checks"


def listed_keys(keys: Sequence[str]) -> str:
    """Return the first five keys, each on one line and cut where it is very long; dots stand for further ones."""
    shown = ", ".join(_one_line(key) for key in keys[:SHOWN_KEYS])
    return shown + (", ..." if len(keys) > SHOWN_KEYS else "")


def _one_line(key: str) -> str:
    # A source chooses its keys: one with a line break or a control character must not change the report.
    printable = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in key)
    return printable if len(printable) <= _LONGEST_KEY else printable[:_LONGEST_KEY] + "..."


def _markdown_row(outcome: Outcome) -> str:
    failing = "" if outcome.failed_row_count is None else f"{outcome.failed_row_count:,}"
    examples = ", ".join(f"`{key}`" for key in outcome.sample_keys)
    cells = [outcome.check_name, _result(outcome), _observed(outcome), outcome.threshold, failing, examples]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _result(outcome: Outcome) -> str:
    if outcome.broken_by:
        return f"check broken ({outcome.broken_by})"
    return "passed" if outcome.is_passed else f"**{outcome.severity}**"


def _observed(outcome: Outcome) -> str:
    if outcome.observed_value is None:
        return "" if outcome.broken_by else "nothing to evaluate"
    if outcome.is_share and not isinstance(outcome.observed_value, str):
        return f"{outcome.observed_value:.2%}"
    return outcome.observed_value if isinstance(outcome.observed_value, str) else f"{outcome.observed_value:,.10g}"
