"""Checks one table by one gate."""

from collections.abc import Mapping
from datetime import UTC, datetime

import duckdb

from expectations.gates import COLUMNS_CHECK, Check, Gate, Measure, RowRule
from expectations.results import GateResult, Outcome
from expectations.statistics import Statistic, Subject, read_failing_keys, read_statistics
from expectations.suites import ExpectationResult, bounds_of, validate

_COLUMNS = Measure(COLUMNS_CHECK, "critical", value="0", maximum=0)


def check_table(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    gate: Gate,
    *,
    companions: Mapping[str, str] | None = None,
    checked_at: datetime | None = None,
) -> GateResult:
    """Return one outcome a check of ``gate`` for the rows of ``relation``.

    Args:
        connection: open on the warehouse, or on memory when the relation is a file.
        relation: whatever may follow ``from``: ``staging.person_records``, ``read_parquet('...')``.
        gate: what the table must be like.
        companions: where the gate's companion relations are, if not at their usual place.
        checked_at: the present time for "not in the future"; UTC, by default the clock.

    Returns:
        The outcomes. A check that cannot be evaluated (a missing table or column, an exception) fails as critical.
    """
    subject = Subject(gate, relation, companions or {}, checked_at or datetime.now(UTC))
    found = read_statistics(connection, subject)
    statistics = {name: each for name, each in found.items() if isinstance(each, Statistic)}
    errors = {name: _cause(each) for name, each in found.items() if isinstance(each, duckdb.Error)}
    results = validate(gate, {name: each.value for name, each in statistics.items()})
    outcomes = []
    for check in (_COLUMNS, *gate.checks):
        result = results.get(check.check_name, ExpectationResult(False, "no result"))
        statistic = statistics.get(check.check_name)
        if result.broken_by or statistic is None:
            outcomes.append(_broken(check, errors.get(check.check_name) or result.broken_by or "no statistic"))
        else:
            keys = () if result.is_passed else _failing(connection, subject, check, statistic)
            outcomes.append(_outcome(check, result, statistic, keys))
    return GateResult(gate.stage, gate.table, tuple(outcomes))


def _outcome(check: Check, result: ExpectationResult, statistic: Statistic, keys: tuple[str, ...]) -> Outcome:
    return Outcome(
        check_name=check.check_name,
        severity=check.severity,
        is_passed=result.is_passed,
        observed_value=statistic.value,
        threshold=_threshold(check),
        failed_row_count=statistic.failed_row_count,
        sample_keys=keys,
        is_share=isinstance(check, RowRule),
    )


def _broken(check: Check, cause: str) -> Outcome:
    return Outcome(
        check_name=check.check_name,
        severity="critical",
        is_passed=False,
        observed_value=None,
        threshold=_threshold(check),
        failed_row_count=None,
        sample_keys=(),
        broken_by=cause,
    )


def _failing(
    connection: duckdb.DuckDBPyConnection, subject: Subject, check: Check, statistic: Statistic
) -> tuple[str, ...]:
    return statistic.failing_items or read_failing_keys(connection, subject, check)


def _cause(error: duckdb.Error) -> str:
    """Return the kind of error, with its text only where that is about names: other texts may quote a row's value."""
    kind = type(error).__name__
    if isinstance(error, duckdb.CatalogException | duckdb.BinderException):
        return f"{kind}: {str(error).partition(chr(10))[0]}"
    return kind


def _threshold(check: Check) -> str:
    low, high = bounds_of(check)
    if not isinstance(check, Measure):
        return "every row" if low == 1 else f"at least {low:.2%} of rows"
    if low is not None and low == high:
        return f"exactly {low:,.10g}"
    if low is not None and high is not None:
        return f"between {low:,.10g} and {high:,.10g}"
    return f"at least {low:,.10g}" if low is not None else f"at most {high:,.10g}"
