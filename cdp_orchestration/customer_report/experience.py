"""Customer experience: satisfaction, mood and effort by channel and stage, and the touchpoints to improve first."""

from dataclasses import dataclass

import duckdb

from cdp_orchestration.customer_report.reading import read
from cdp_orchestration.customer_report.uncertainty import SMALL_SAMPLE, share_interval

BAD_SATISFACTION = 25  # of 100; the same threshold creates a moment of service recovery
BAD_EFFORT = 75  # of 100
BAD_MOOD = -0.05  # the threshold below which the authors of VADER call a text negative
PAIN_POINTS_SHOWN = 10
TYPES_OF_EFFORT_SHOWN = 8


@dataclass(frozen=True)
class HeatMeasure:
    """A measure of the heat map: its column of touchpoints and its scale.

    ``has_middle``: the middle of the scale separates good from bad.
    """

    name: str
    column: str
    best: float
    worst: float
    has_middle: bool
    decimals: int
    meaning: str

    def pain(self, value: float) -> float:
        """Return the position of a value between the best, 0, and the worst, 1."""
        return min(1.0, max(0.0, (value - self.best) / (self.worst - self.best)))


MEASURES = (
    HeatMeasure("satisfaction", "satisfaction_score", 100, 0, True, 0, "of surveys and ratings, 0 to 100 (best)"),
    HeatMeasure("mood", "sentiment_score", 1, -1, True, 2, "of the texts of customers, -1 (worst) to 1 (best)"),
    HeatMeasure("effort_reported", "effort_score", 0, 100, True, 0, "of CES answers, 0 to 100 (most effort)"),
    HeatMeasure(
        "effort_weight", "effort_weight", 0, 6, False, 1, "expected effort of a contact, 0 to 6, by the taxonomy"
    ),
)


@dataclass(frozen=True)
class HeatCell:
    """The mean of one measure on one channel in one stage."""

    measure: str
    channel: str
    stage: str
    value: float
    sample_size: int

    @property
    def is_small_sample(self) -> bool:
        """Whether the sample is too small to rely on the mean."""
        return self.sample_size < SMALL_SAMPLE


@dataclass(frozen=True)
class PainPoint:
    """One type of touchpoint with feedback of customers.

    Feedback is negative with a satisfaction of 25 of 100 or less, an effort of 75 of 100 or more, or a negative mood.
    """

    touchpoint_type: str
    touchpoint_count: int
    feedback_count: int
    negative_count: int
    effort_weight: float

    @property
    def negative_share(self) -> float:
        """Negative feedback as a share of all feedback, 0 to 1."""
        return self.negative_count / self.feedback_count

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of that share."""
        return share_interval(self.negative_count, self.feedback_count)

    @property
    def is_small_sample(self) -> bool:
        """Whether the sample is too small to rely on the share."""
        return self.feedback_count < SMALL_SAMPLE


@dataclass(frozen=True)
class EffortSpent:
    """One type of touchpoint: how often it happened, and the sum of its effort weights."""

    touchpoint_type: str
    touchpoint_count: int
    effort_total: int


def read_heat(connection: duckdb.DuckDBPyConnection) -> tuple[HeatCell, ...]:
    """Return the mean of each measure for every channel and stage that has values of it."""
    return tuple(cell for measure in MEASURES for cell in _read_measure(connection, measure))


def _read_measure(connection: duckdb.DuckDBPyConnection, measure: HeatMeasure) -> tuple[HeatCell, ...]:
    return read(
        connection,
        HeatCell,
        f"""
        select '{measure.name}', channel, stage, avg({measure.column}), count(*)
        from touchpoints
        where {measure.column} is not null
        group by channel, stage
        order by channel, stage
        """,
    )


def read_pain_points(connection: duckdb.DuckDBPyConnection) -> tuple[PainPoint, ...]:
    """Return the types of touchpoints with feedback, by the lower end of the interval of their negative share."""
    found = read(
        connection,
        PainPoint,
        f"""
        with rated as (
            select
                touchpoint_type,
                effort_weight,
                coalesce(satisfaction_score, effort_score, sentiment_score) is not null as has_feedback,
                coalesce(satisfaction_score <= {BAD_SATISFACTION}, false)
                or coalesce(effort_score >= {BAD_EFFORT}, false)
                or coalesce(sentiment_score <= {BAD_MOOD}, false) as is_negative
            from touchpoints
        )
        select
            touchpoint_type,
            count(*),
            count(*) filter (has_feedback),
            count(*) filter (is_negative),
            avg(effort_weight)
        from rated
        group by touchpoint_type
        having count(*) filter (has_feedback) > 0
        order by touchpoint_type
        """,
    )
    return tuple(sorted(found, key=lambda point: (-point.interval[0], point.touchpoint_type))[:PAIN_POINTS_SHOWN])


def read_effort(connection: duckdb.DuckDBPyConnection) -> tuple[EffortSpent, ...]:
    """Return the types of touchpoints with the most effort in total."""
    return read(
        connection,
        EffortSpent,
        """
        select touchpoint_type, count(*), coalesce(sum(effort_weight), 0)::bigint as effort_total
        from touchpoints
        group by touchpoint_type
        order by effort_total desc, touchpoint_type
        limit ?
        """,
        TYPES_OF_EFFORT_SHOWN,
    )
