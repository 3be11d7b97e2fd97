"""The customer experience scorecard by function: the newest window of each metric compared with the one before."""

from dataclasses import dataclass
from datetime import date

import duckdb

from cdp_orchestration.customer_report.reading import read

WINDOW_DAYS = 28  # the window of one value of cx_scorecard: var scorecard_days_before and the day itself
TREND_DAYS = 364
LOWER_IS_BETTER = frozenset(
    {
        "cancellation_rate",
        "defect_rate_of_tickets",
        "delivery_minutes",
        "delivery_rate_of_tickets",
        "first_reply_minutes",
        "reopen_rate",
        "resolution_minutes",
        "return_rate",
        "unsubscribe_rate",
    }
)


@dataclass(frozen=True)
class Metric:
    """One metric of one function: its newest window, and the window before that."""

    function: str
    metric: str
    unit: str  # share, score, minutes or amount
    scored_on: date
    value: float
    lowest_value: float | None
    highest_value: float | None
    sample_size: int
    is_small_sample: bool
    previous_value: float | None
    is_previous_small_sample: bool | None
    is_significant_change: bool | None

    @property
    def change(self) -> str:
        """better, worse, unclear (may be chance), few (a small sample) or none (no window before)."""
        if self.is_small_sample or self.is_previous_small_sample:
            return "few"
        if self.previous_value is None:
            return "none"
        if not self.is_significant_change:
            return "unclear"
        return "better" if (self.value < self.previous_value) == (self.metric in LOWER_IS_BETTER) else "worse"


@dataclass(frozen=True)
class TrendPoint:
    """A value of a metric on one day, about one a week."""

    function: str
    metric: str
    scored_on: date
    value: float


def read_scorecard(connection: duckdb.DuckDBPyConnection) -> tuple[Metric, ...]:
    """Return the newest ripe value of every function and metric, else the newest of those that are not ripe yet."""
    return read(
        connection,
        Metric,
        f"""
        with newest as (
            from cx_scorecard
            qualify row_number() over (partition by function, metric order by is_ripe desc, scored_on desc) = 1
        )
        select
            newest.function, newest.metric, newest.unit, newest.scored_on, newest.value, newest.lowest_value,
            newest.highest_value, newest.sample_size, newest.is_small_sample, former.value,
            former.is_small_sample, newest.is_significant_change
        from newest
        left join cx_scorecard as former
            on newest.function = former.function and newest.metric = former.metric
            and former.scored_on = newest.scored_on - {WINDOW_DAYS}
        order by newest.function, newest.metric
        """,
    )


def read_trends(connection: duckdb.DuckDBPyConnection) -> tuple[TrendPoint, ...]:
    """Return one value per week of every metric, over the year before the newest day of the scorecard."""
    return read(
        connection,
        TrendPoint,
        f"""
        with days as (select max(scored_on) as last_on from cx_scorecard)
        select function, metric, scored_on, value
        from cx_scorecard
        cross join days
        where last_on - scored_on <= {TREND_DAYS} and (last_on - scored_on) % 7 = 0
        order by function, metric, scored_on
        """,
    )
