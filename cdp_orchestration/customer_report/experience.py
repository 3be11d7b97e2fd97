"""Where it hurts: satisfaction, mood and effort by channel and stage, and the touchpoints to act on first."""

from dataclasses import dataclass

import duckdb

from cdp_orchestration.customer_report.reading import read
from cdp_orchestration.customer_report.uncertainty import SMALL_SAMPLE, share_interval

BAD_SATISFACTION = 25  # of 100; the same bound makes a moment of service recovery
BAD_EFFORT = 75  # of 100
BAD_MOOD = -0.05  # the bound below which the authors of VADER call a text negative
PAIN_POINTS_SHOWN = 10


@dataclass(frozen=True)
class HeatMeasure:
    """A measure of the heat table: its column of touchpoints, its scale, and whether its middle parts good from bad."""

    name: str
    column: str
    best: float
    worst: float
    has_middle: bool
    decimals: int
    meaning: str

    def pain(self, value: float) -> float:
        """Return where the value stands between the best, 0, and the worst, 1."""
        return min(1.0, max(0.0, (value - self.best) / (self.worst - self.best)))


MEASURES = (
    HeatMeasure("satisfaction", "satisfaction_score", 100, 0, True, 0, "told in surveys and ratings, 0 to 100 (best)"),
    HeatMeasure("mood", "sentiment_score", 1, -1, True, 2, "of what customers wrote, -1 (worst) to 1 (best)"),
    HeatMeasure("effort_told", "effort_score", 0, 100, True, 0, "told in CES answers, 0 to 100 (most effort)"),
    HeatMeasure(
        "effort_weight", "effort_weight", 0, 6, False, 1, "what a contact costs the customer, 0 to 6, by the taxonomy"
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
        """Whether too few told it to lean on the mean."""
        return self.sample_size < SMALL_SAMPLE


@dataclass(frozen=True)
class PainPoint:
    """One type of touchpoint about which customers told something.

    It hurt where the satisfaction told is 25 of 100 or less, the effort told 75 of 100 or more, or the mood negative.
    """

    touchpoint_type: str
    touchpoint_count: int
    told_count: int
    hurt_count: int
    effort_weight: float

    @property
    def hurt_share(self) -> float:
        """Share of those that told something about which it hurt, 0 to 1."""
        return self.hurt_count / self.told_count

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of that share."""
        return share_interval(self.hurt_count, self.told_count)

    @property
    def is_small_sample(self) -> bool:
        """Whether too few told something to lean on the share."""
        return self.told_count < SMALL_SAMPLE


@dataclass(frozen=True)
class EffortSpent:
    """One type of touchpoint: how often, and the effort weights of all of them."""

    touchpoint_type: str
    touchpoint_count: int
    effort_total: int


def read_heat(connection: duckdb.DuckDBPyConnection) -> tuple[HeatCell, ...]:
    """Return every channel and stage of which a measure tells something."""
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
    """Return the types of touchpoints that hurt, the surest first: by the lower end of the interval."""
    found = read(
        connection,
        PainPoint,
        f"""
        with judged as (
            select
                touchpoint_type,
                effort_weight,
                coalesce(satisfaction_score, effort_score, sentiment_score) is not null as is_told,
                coalesce(satisfaction_score <= {BAD_SATISFACTION}, false)
                or coalesce(effort_score >= {BAD_EFFORT}, false)
                or coalesce(sentiment_score <= {BAD_MOOD}, false) as is_hurt
            from touchpoints
        )
        select touchpoint_type, count(*), count(*) filter (is_told), count(*) filter (is_hurt), avg(effort_weight)
        from judged
        group by touchpoint_type
        having count(*) filter (is_told) > 0
        order by touchpoint_type
        """,
    )
    return tuple(sorted(found, key=lambda point: (-point.interval[0], point.touchpoint_type))[:PAIN_POINTS_SHOWN])


def read_effort(connection: duckdb.DuckDBPyConnection, most: int = 8) -> tuple[EffortSpent, ...]:
    """Return the types of touchpoints on which customers spent most effort."""
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
        most,
    )
