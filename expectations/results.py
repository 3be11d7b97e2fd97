"""What a gate found: for the run's log, for people, and for the published table of checks."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from expectations.gates import Severity

QUALITY_SCHEMA = pa.schema(
    [
        ("gate", pa.string()),
        ("table_name", pa.string()),
        ("check_name", pa.string()),
        ("severity", pa.string()),
        ("is_passed", pa.bool_()),
        ("observed_value", pa.float64()),
        ("threshold", pa.string()),
        ("failed_row_count", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Outcome:
    """One check of one batch.

    ``observed_value`` is the share of good rows (0 to 1) if ``is_share``, else the measured number; null when there
    was nothing to judge or the check is broken. ``failed_row_count`` is null where no rows are judged.
    ``sample_keys`` are keys of at most twenty failing rows (or the columns at fault), never personal values.
    ``broken_by`` is set when the check could not be asked; it then counts as critical and failed.
    """

    check_name: str
    severity: Severity
    is_passed: bool
    observed_value: float | None
    threshold: str
    failed_row_count: int | None
    sample_keys: tuple[str, ...]
    is_share: bool = False
    broken_by: str | None = None


@dataclass(frozen=True)
class GateResult:
    """All outcomes of one table at one gate."""

    stage: str
    table: str
    outcomes: tuple[Outcome, ...]

    @property
    def is_passed(self) -> bool:
        """Whether the batch may cross: no critical check has failed."""
        return not self.failed("critical")

    def failed(self, severity: Severity) -> tuple[Outcome, ...]:
        """The failed checks of one severity."""
        return tuple(each for each in self.outcomes if not each.is_passed and each.severity == severity)

    def to_markdown(self) -> str:
        """A heading with the verdict and a table with one row a check, failed ones first."""
        rows = sorted(self.outcomes, key=lambda each: (each.is_passed, each.severity))
        lines = [
            f"### {self.stage}.{self.table}: {self._verdict()}",
            "",
            "| check | result | observed | expected | failing rows | examples |",
            "| --- | --- | ---: | --- | ---: | --- |",
            *(_markdown_row(each) for each in rows),
        ]
        return "\n".join(lines)

    def _verdict(self) -> str:
        critical, warnings = len(self.failed("critical")), len(self.failed("warning"))
        if critical:
            return f"stopped, {critical} critical and {warnings} warning of {len(self.outcomes)} checks failed"
        if warnings:
            return f"passed, {warnings} warning of {len(self.outcomes)} checks failed"
        return f"passed, {len(self.outcomes)} checks"


def quality_rows(results: Iterable[GateResult]) -> pa.Table:
    """One row per check, as published in ``quality_results`` but for the run and the time, which the caller knows."""
    return pa.Table.from_pylist(
        [
            {
                "gate": result.stage,
                "table_name": result.table,
                "check_name": each.check_name,
                "severity": each.severity,
                "is_passed": each.is_passed,
                "observed_value": each.observed_value,
                "threshold": each.threshold,
                "failed_row_count": each.failed_row_count,
            }
            for result in results
            for each in result.outcomes
        ],
        schema=QUALITY_SCHEMA,
    )


def _markdown_row(outcome: Outcome) -> str:
    failing = "" if outcome.failed_row_count is None else f"{outcome.failed_row_count:,}"
    examples = ", ".join(f"`{key}`" for key in outcome.sample_keys)
    cells = [outcome.check_name, _verdict_word(outcome), _observed(outcome), outcome.threshold, failing, examples]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _verdict_word(outcome: Outcome) -> str:
    if outcome.broken_by:
        return f"check broken ({outcome.broken_by})"
    return "passed" if outcome.is_passed else f"**{outcome.severity}**"


def _observed(outcome: Outcome) -> str:
    if outcome.observed_value is None:
        return "" if outcome.broken_by else "nothing to judge"
    if outcome.is_share:
        return f"{outcome.observed_value:.2%}"
    return f"{outcome.observed_value:,.10g}"
