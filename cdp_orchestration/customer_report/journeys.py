"""Journeys: steps from stage to stage, where journeys end, carts left behind, revenue by channel."""

from dataclasses import dataclass
from decimal import Decimal

import duckdb

from cdp_orchestration.customer_report.reading import read

ENDINGS = ("ended_after_buying", "still_going_on", "ended_without_buying")
BEGINNING = "journey_begins"
RULES = ("first", "last", "linear", "position")
LOSSES_SHOWN = 8


@dataclass(frozen=True)
class StageFlow:
    """How often one stage was followed by another.

    ``source`` is ``BEGINNING`` for the first stage of a journey, ``target`` one of ``ENDINGS`` for its last.
    """

    source: str
    target: str
    count: int


@dataclass(frozen=True)
class Loss:
    """Closed journeys without a purchase that ended at one step, which is a stage on a channel."""

    stage: str
    channel: str
    lost_count: int
    reached_count: int

    @property
    def rate(self) -> float:
        """Lost journeys as a share of those that reached the step, 0 to 1."""
        return self.lost_count / self.reached_count


@dataclass(frozen=True)
class JourneyCounts:
    """How many journeys there are, by their state; one that may still go on is neither won nor lost.

    A till records no visit without a purchase, so that journeys in stores alone are all won: they stand apart.
    """

    journey_count: int
    open_count: int
    closed_count: int  # ended, and not in stores alone
    converted_count: int  # of these, with a purchase
    store_only_count: int  # ended, in stores alone


@dataclass(frozen=True)
class Carts:
    """Journeys that have ended in which a cart was filled: all of them, and those that left one behind.

    A journey may have bought a first cart and left a second one.
    """

    filled_count: int
    left_count: int


@dataclass(frozen=True)
class ChannelMix:
    """One channel: its touchpoints, and the revenue credited to it by each attribution rule."""

    channel: str
    touchpoint_count: int
    is_fallback: bool  # no touchpoint led to the orders that are credited to it
    first: Decimal
    last: Decimal
    linear: Decimal
    position: Decimal

    def credited(self, rule: str) -> Decimal:
        """Return the revenue that a rule of ``RULES`` credits to the channel."""
        return {"first": self.first, "last": self.last, "linear": self.linear, "position": self.position}[rule]


def read_journey_counts(connection: duckdb.DuckDBPyConnection) -> JourneyCounts:
    """Count the journeys."""
    (found,) = read(
        connection,
        JourneyCounts,
        """
        select
            count(*),
            count(*) filter (is_open),
            count(*) filter (not is_open and channels is distinct from ['store']),
            count(*) filter (not is_open and channels is distinct from ['store'] and is_converted),
            count(*) filter (not is_open and channels is not distinct from ['store'])
        from journeys
        """,
    )
    return found


def read_carts(connection: duckdb.DuckDBPyConnection) -> Carts:
    """Count the journeys with a cart; whether one was left behind is decided in ``journeys``."""
    (found,) = read(
        connection,
        Carts,
        """
        select count(*), count(*) filter (abandoned_step is not null)
        from journeys
        where has_cart and not is_open
        """,
    )
    return found


def read_flows(connection: duckdb.DuckDBPyConnection) -> tuple[StageFlow, ...]:
    """Count every beginning of a journey, every step from stage to stage and every end.

    Steps within a stage (to another channel) are left out. So every stage has as many incoming steps as outgoing ones:
    as many as it stands in the paths of ``journeys``. Beginnings and ends are as many as the journeys.

    Args:
        connection: a connection with the release's tables.

    Returns:
        One row per pair of source and target.
    """
    return read(
        connection,
        StageFlow,
        f"""
        select '{BEGINNING}', path[1], count(*)
        from journeys
        group by path[1]
        union all
        select from_stage, to_stage, sum(transition_count)::bigint
        from journey_transitions
        where from_stage <> to_stage
        group by from_stage, to_stage
        union all
        select
            path[-1],
            case
                when is_open then 'still_going_on'
                when is_converted then 'ended_after_buying'
                else 'ended_without_buying'
            end as ending,
            count(*)
        from journeys
        group by path[-1], ending
        order by 1, 2
        """,
    )


def read_losses(connection: duckdb.DuckDBPyConnection) -> tuple[Loss, ...]:
    """Return the steps at which most journeys ended without a purchase, in descending order."""
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
        LOSSES_SHOWN,
    )


def read_channels(connection: duckdb.DuckDBPyConnection) -> tuple[ChannelMix, ...]:
    """Return every channel with touchpoints or credit, the busiest first."""
    sums = ", ".join(f"sum(credited_amount) filter (rule = '{rule}') as \"{rule}\"" for rule in RULES)
    amounts = ", ".join(f'coalesce("{rule}", 0)::decimal(18, 2)' for rule in RULES)
    return read(
        connection,
        ChannelMix,
        f"""
        with used as (
            select channel, count(*) as touchpoint_count
            from touchpoints
            group by channel
        ),
        credited as (
            select channel, bool_and(is_fallback) as is_fallback, {sums}
            from journey_attribution
            group by channel
        )
        select
            channel, coalesce(touchpoint_count, 0), coalesce(is_fallback, false), {amounts}
        from used
        full join credited using (channel)
        order by touchpoint_count desc nulls last, channel
        """,
    )
