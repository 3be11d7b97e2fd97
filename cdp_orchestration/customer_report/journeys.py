"""Journeys: steps from stage to stage, where journeys end, carts left behind, revenue by channel."""

from dataclasses import dataclass
from decimal import Decimal

import duckdb

from cdp_orchestration.customer_report.reading import read

ENDINGS = ("ended_after_buying", "still_going_on", "ended_without_buying")
BEGINNING = "journey_begins"
RULES = ("first", "last", "linear", "position")
CART_DAYS = 30  # a cart without an order of the shop within so many days is left behind; a pause as long begins another


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
    """How many journeys there are, by their state; one that may still go on is neither won nor lost."""

    journey_count: int
    open_count: int
    converted_count: int  # closed, with a purchase

    @property
    def closed_count(self) -> int:
        """Journeys that have ended, with a purchase or without one."""
        return self.journey_count - self.open_count


@dataclass(frozen=True)
class Carts:
    """Filled carts of the web shop and the app that are old enough to be bought or left, inside any journey."""

    cart_count: int
    bought_count: int

    @property
    def left_count(self) -> int:
        """Carts left behind."""
        return self.cart_count - self.bought_count


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
            count(*) filter (is_converted and not is_open)
        from journeys
        """,
    )
    return found


def read_carts(connection: duckdb.DuckDBPyConnection) -> Carts:
    """Count the carts of known profiles and visitors by what became of them.

    A cart is filled again and again until an order of the shop, or until nothing happens to it for ``CART_DAYS``. It is
    counted once so many days have passed since it was last touched.

    Args:
        connection: a connection with the release's tables.

    Returns:
        All carts that are old enough, and those that an order followed.
    """
    (found,) = read(
        connection,
        Carts,
        f"""
        with acts as (
            select profile_id, occurred_at, is_order
            from touchpoints
            where
                profile_id is not null
                and (touchpoint_type in ('product_added', 'cart_view') or (is_order and channel <> 'store'))
        ),
        followed as (
            select
                *,
                lead(is_order) over timeline as is_order_next,
                lead(occurred_at) over timeline - occurred_at as pause
            from acts
            window timeline as (partition by profile_id order by occurred_at, is_order)
        ),
        last_acts as (
            select coalesce(is_order_next and pause <= interval {CART_DAYS} day, false) as is_bought
            from followed
            where
                not is_order
                and (coalesce(is_order_next, true) or pause > interval {CART_DAYS} day)
                and occurred_at + interval {CART_DAYS} day < (select as_of_at from as_of)
        )
        select count(*), count(*) filter (is_bought) from last_acts
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


def read_losses(connection: duckdb.DuckDBPyConnection, limit: int = 8) -> tuple[Loss, ...]:
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
        limit,
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
