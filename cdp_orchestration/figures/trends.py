"""What the figures of a table were like over the last runs, for people: those farthest from what is usual first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from cdp_orchestration.figures.families import FAMILIES, shown
from cdp_orchestration.home.warehouse import has_table
from expectations.data_docs.figure_trends import FigureTrend, FigureTrends, State

SHOWN_RUNS = 24

_LAST_RUNS = """
with runs as (
    select run_id, row_number() over (order by max(measured_at) desc) as age
    from operations.figures
    where subject = $subject
    group by run_id
    qualify age <= $runs
)
select age, run_id, measured_at, figure, of, value, row_count, low, high, is_usual, is_credible, is_accepted, difference
from operations.figures
inner join runs using (run_id)
where subject = $subject
order by figure, of, runs.age desc, is_credible or is_accepted desc, measured_at
"""
_ORDER: Sequence[State] = ("waiting", "accepted", "unusual", "held", "usual", "first")


@dataclass(frozen=True)
class _Kept:
    age: int
    run_id: str
    measured_at: datetime
    figure: str
    of: str
    value: float
    row_count: int
    low: float | None
    high: float | None
    is_usual: bool
    is_credible: bool
    is_accepted: bool
    difference: float | None

    @property
    def limits(self) -> tuple[float, float] | None:
        if self.low is None or self.high is None:
            return None
        return _drawn(self.figure, self.low), _drawn(self.figure, self.high)

    @property
    def state(self) -> State:
        if not self.is_credible:
            return "accepted" if self.is_accepted else "waiting"
        if not self.is_usual:
            return "unusual"
        if not self.is_accepted:
            return "held"
        return "usual" if self.limits else "first"

    @property
    def distance(self) -> float:
        """How far it is from what is usual, beyond what chance explains, in differences that are usual for its kind."""
        return abs(self.difference or 0.0) / FAMILIES[self.figure].usual_difference


def figure_trends(connection: duckdb.DuckDBPyConnection, subject: str) -> FigureTrends | None:
    """Return the figures of a subject's newest run, each over the last runs.

    Args:
        connection: the warehouse; one that only reads will do.
        subject: a landed stream or a table of a stage, with its schema.

    Returns:
        The figures, the most unusual first; None of a subject that was never measured.
    """
    if not has_table(connection, "operations", "figures"):
        return None
    rows = connection.execute(_LAST_RUNS, {"subject": subject, "runs": SHOWN_RUNS}).fetchall()
    by_figure: dict[tuple[str, str], list[_Kept]] = {}
    for row in rows:
        kept = _Kept(*row)
        by_figure.setdefault((kept.figure, kept.of), []).append(kept)
    newest = sorted((each for each in by_figure.values() if each[-1].age == 1), key=lambda each: _rank(each[-1]))
    if not newest:
        return None
    last = newest[0][-1]
    return FigureTrends(last.run_id, f"{last.measured_at:%Y-%m-%d %H:%M}", [_trend(each) for each in newest])


def _rank(kept: _Kept) -> tuple[int, float, str, str]:
    return _ORDER.index(kept.state), -kept.distance, kept.figure, kept.of


def _trend(kept: Sequence[_Kept]) -> FigureTrend:
    last = kept[-1]
    bounds = (last.low, last.high)
    usual = " to ".join(shown(last.figure, bound) for bound in bounds if bound is not None)
    return FigureTrend(
        figure=last.figure,
        means=FAMILIES[last.figure].means,
        of=last.of,
        values=[_drawn(each.figure, each.value) for each in kept],
        limits=[each.limits for each in kept],
        states=[each.state for each in kept],
        found=shown(last.figure, last.value),
        usual=usual,
        rows=last.row_count,
    )


def trends_of(connection: duckdb.DuckDBPyConnection, subjects: Iterable[str]) -> dict[str, FigureTrends]:
    """Return the figures of those subjects that were ever measured."""
    found = {subject: figure_trends(connection, subject) for subject in subjects}
    return {subject: trends for subject, trends in found.items() if trends}


def _drawn(figure: str, value: float) -> float:
    """Return a value in the unit in which people read it, with the digits that a line shows."""
    return float(f"{FAMILIES[figure].unit.of(value):.5g}")
