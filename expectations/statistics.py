"""One DuckDB query computes the figures of a gate, one more the keys of failing rows.

Great Expectations then evaluates the figures alone, so no personal value leaves DuckDB: neither a frame nor a
validation result can hold one. ``README.md`` has the measured alternatives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from expectations.gates import COLUMNS_CHECK, Check, Gate, Measure, RowRule

SAMPLE_SIZE = 20


@dataclass(frozen=True)
class Statistic:
    """The figure of one check, and the number of failing rows if the check is about rows."""

    value: float | None
    failed_row_count: int | None = None
    failing_items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subject:
    """One table under one gate: where it is, where its companions are, and the time of the check."""

    gate: Gate
    relation: str
    companions: Mapping[str, str]
    checked_at: datetime

    def common_tables(self, checks: Sequence[Check]) -> str:
        """Return the ``with`` clause; its last table, ``evaluated``, is the subject with one boolean column a rule."""
        relations = {"batch": self.relation, **self.gate.companions, **self.companions}
        flags = [f"({predicate}) as {_quoted(name)}" for name, predicate in map(_predicate, checks) if predicate]
        return ",\n".join(
            [
                "with " + ",\n".join(f"{name} as (select * from {at})" for name, at in relations.items()),
                f"timed as (select *, {self._clock} as checked_at from ({self.gate.subject}) as subject)",
                f"evaluated as (select {', '.join(['*', *flags])} from timed)",
            ]
        )

    @property
    def _clock(self) -> str:
        moment = self.checked_at.astimezone(UTC) if self.checked_at.tzinfo else self.checked_at
        return f"timestamp '{moment:%Y-%m-%d %H:%M:%S}'"


def read_statistics(connection: duckdb.DuckDBPyConnection, subject: Subject) -> dict[str, Statistic | duckdb.Error]:
    """Return one statistic a check, by check name; where DuckDB could not compute it, the error."""
    found: dict[str, Statistic | duckdb.Error] = {COLUMNS_CHECK: _columns_statistic(connection, subject)}
    checks = subject.gate.checks
    try:
        return found | _measure(connection, subject, checks)
    except duckdb.Error:
        for check in checks:  # one broken check must not hide the results of the others
            found |= _measure_alone(connection, subject, check)
        return found


def read_failing_keys(connection: duckdb.DuckDBPyConnection, subject: Subject, check: Check) -> tuple[str, ...]:
    """Return at most twenty keys of failing rows, sorted; the parts of a key are joined by a slash."""
    name, predicate = _predicate(check)
    key = check.key or subject.gate.key
    if not predicate or not key:
        return ()
    parts = ", ".join(f"coalesce({_quoted(part)}::varchar, '(empty)')" for part in key)
    return tuple(
        sample
        for (sample,) in connection.execute(
            f"{subject.common_tables([check])}\n"
            f"select distinct concat_ws('/', {parts}) as sample_key from evaluated where not {_quoted(name)} "
            f"order by sample_key limit {SAMPLE_SIZE}"
        ).fetchall()
    )


def _measure_alone(
    connection: duckdb.DuckDBPyConnection, subject: Subject, check: Check
) -> Mapping[str, Statistic | duckdb.Error]:
    try:
        return _measure(connection, subject, [check])
    except duckdb.Error as error:
        return {check.check_name: error}


def _measure(connection: duckdb.DuckDBPyConnection, subject: Subject, checks: Sequence[Check]) -> dict[str, Statistic]:
    if not checks:
        return {}
    aggregates = [aggregate for check in checks for aggregate in _aggregates(check)]
    rows = connection.execute(
        f"{subject.common_tables(checks)}\nselect {', '.join(aggregates)} from evaluated"
    ).fetchall()
    values = iter(rows[0])
    return {check.check_name: _statistic(check, next(values), next(values)) for check in checks}


def _aggregates(check: Check) -> tuple[str, str]:
    """Return two aggregates a check: rows evaluated (or the measured value), and rows that fail."""
    name, predicate = _predicate(check)
    failed = f"count(*) filter (where not {_quoted(name)})" if predicate else "null"
    return (f"count({_quoted(name)})" if isinstance(check, RowRule) else f"({check.value})::double"), failed


def _statistic(check: Check, first: float | None, failed: int | None) -> Statistic:
    if isinstance(check, Measure):
        return Statistic(first, failed)
    return Statistic((first - (failed or 0)) / first if first else None, failed)


def _predicate(check: Check) -> tuple[str, str | None]:
    """Return the check's name and the condition that good rows meet, None if it is not about rows."""
    if isinstance(check, RowRule):
        return check.check_name, check.holds
    return check.check_name, f"not ({check.failing})" if check.failing else None


def _columns_statistic(connection: duckdb.DuckDBPyConnection, subject: Subject) -> Statistic | duckdb.Error:
    try:
        rows = connection.execute(f"describe select * from {subject.relation}").fetchall()
    except duckdb.Error as error:
        return error
    types = {name: str(type_).lower() for name, type_, *_ in rows}
    missing = [f"{name} (missing)" for name in subject.gate.columns if name not in types]
    retyped = [
        f"{name} ({types[name]} instead of {expected.lower()})"
        for name, expected in subject.gate.column_types.items()
        if name in types and types[name] != expected.lower()
    ]
    return Statistic(float(len(missing + retyped)), failing_items=tuple(missing + retyped))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
