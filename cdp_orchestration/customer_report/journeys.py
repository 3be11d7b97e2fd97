"""Journeys: from which stage customers go where, where journeys end, which channels carry the revenue."""

from dataclasses import dataclass

import duckdb

from cdp_orchestration.customer_report.reading import read

ENDINGS = ("ended_after_buying", "still_going_on", "ended_without_buying")
RULES = ("first", "last", "linear", "position")


@dataclass(frozen=True)
class StageFlow:
    """How often one stage was followed by another, or was the last of a journey (``target`` is then an ending)."""

    source: str
    target: str
    count: int


@dataclass(frozen=True)
class Loss:
    """Journeys that ended at one step, a stage on a channel, without a purchase and not open any more."""

    stage: str
    channel: str
    lost_count: int
    reached_count: int

    @property
    def rate(self) -> float:
        """Lost journeys as a share of those that came to the step, 0 to 1."""
        return self.lost_count / self.reached_count


@dataclass(frozen=True)
class JourneyCounts:
    """How many journeys there are, and how they stand."""

    journey_count: int
    open_count: int
    converted_count: int
    abandoned_count: int


@dataclass(frozen=True)
class ChannelMix:
    """One channel: its touchpoints, the profiles met there, and the revenue credited to it by each rule."""

    channel: str
    touchpoint_count: int
    profile_count: int
    first: float
    last: float
    linear: float
    position: float

    def credited(self, rule: str) -> float:
        """Return the revenue that a rule of ``RULES`` credits to the channel."""
        return float({"first": self.first, "last": self.last, "linear": self.linear, "position": self.position}[rule])


def read_journey_counts(connection: duckdb.DuckDBPyConnection) -> JourneyCounts:
    """Count the journeys."""
    (found,) = read(
        connection,
        JourneyCounts,
        """
        select
            count(*),
            count(*) filter (is_open and not is_converted),
            count(*) filter (is_converted),
            count(*) filter (abandoned_step is not null and not is_open)
        from journeys
        """,
    )
    return found


def read_flows(connection: duckdb.DuckDBPyConnection) -> tuple[StageFlow, ...]:
    """Return every step from stage to stage and every end of a journey.

    A stage is left as often as it was come to or begun with: steps to another channel of the same stage are none.
    """
    return read(
        connection,
        StageFlow,
        """
        select from_stage, to_stage, sum(transition_count)::bigint
        from journey_transitions
        where from_stage <> to_stage
        group by from_stage, to_stage
        union all
        select
            path[-1],
            case
                when is_converted then 'ended_after_buying'
                when is_open then 'still_going_on'
                else 'ended_without_buying'
            end as ending,
            count(*)
        from journeys
        group by path[-1], ending
        order by 1, 2
        """,
    )


def read_losses(connection: duckdb.DuckDBPyConnection, most: int = 8) -> tuple[Loss, ...]:
    """Return the steps at which most journeys ended without a purchase, the most first."""
    return read(
        connection,
        Loss,
        """
        with reached as (
            select
                touchpoints.stage,
                touchpoints.channel,
                count(distinct touchpoints.journey_id) as reached_count
            from touchpoints
            inner join journeys on touchpoints.journey_id = journeys.journey_id
            where not journeys.is_open
            group by touchpoints.stage, touchpoints.channel
        ),
        lost as (
            select path[-1] as stage, last_touch_channel as channel, count(*) as lost_count
            from journeys
            where not is_converted and not is_open
            group by path[-1], last_touch_channel
        )
        select lost.stage, lost.channel, lost.lost_count, reached.reached_count
        from lost
        inner join reached on lost.stage = reached.stage and lost.channel = reached.channel
        order by lost.lost_count desc, lost.stage, lost.channel
        limit ?
        """,
        most,
    )


def read_channels(connection: duckdb.DuckDBPyConnection) -> tuple[ChannelMix, ...]:
    """Return every channel with touchpoints or credit, the busiest first."""
    sums = ", ".join(f"sum(credited_amount) filter (rule = '{rule}')::double as \"{rule}\"" for rule in RULES)
    amounts = ", ".join(f'coalesce("{rule}", 0)' for rule in RULES)
    return read(
        connection,
        ChannelMix,
        f"""
        with met as (
            select channel, count(*) as touchpoint_count, count(distinct profile_id) as profile_count
            from touchpoints
            group by channel
        ),
        credited as (
            select channel, {sums}
            from journey_attribution
            group by channel
        )
        select
            channel, coalesce(touchpoint_count, 0), coalesce(profile_count, 0),
            {amounts}
        from met
        full join credited using (channel)
        order by touchpoint_count desc nulls last, channel
        """,
    )
