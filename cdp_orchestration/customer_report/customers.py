"""Segments, personas and audiences of the customers, and the moments to act on now."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from cdp_orchestration.customer_report.reading import day_of, read

IDS_SHOWN = 10


@dataclass(frozen=True)
class Segment:
    """One segment by recency, frequency and monetary value: its profiles and their revenue; prospects never ordered."""

    segment: str
    profile_count: int
    revenue_amount: Decimal
    churn_risk: float | None  # mean probability that a customer of it has churned, 0 to 1


@dataclass(frozen=True)
class Persona:
    """One persona and its profiles."""

    persona: str
    profile_count: int


@dataclass(frozen=True)
class Audience:
    """One audience: its current members, and who entered and left with this release."""

    audience: str
    inside_count: int
    entered_count: int
    left_count: int


@dataclass(frozen=True)
class Moment:
    """One type of moment with its suggested action: how many are open now, and how many customers may be contacted.

    ``profile_ids`` lists up to ``IDS_SHOWN`` profiles that may be contacted, the most urgent first.
    """

    moment_type: str
    suggested_action: str
    suggested_channel: str
    is_surprise: bool
    open_count: int
    contactable_count: int
    first_expires_on: date | None
    past_count: int
    profile_ids: list[str]


def read_segments(connection: duckdb.DuckDBPyConnection) -> tuple[Segment, ...]:
    """Return the segments, the one with the highest revenue first."""
    return read(
        connection,
        Segment,
        """
        select segment, count(*), sum(revenue_amount)::decimal(18, 2) as revenue, avg(churn_risk_score)
        from profile_metrics
        group by segment
        order by revenue desc, segment
        """,
    )


def read_personas(connection: duckdb.DuckDBPyConnection) -> tuple[Persona, ...]:
    """Return the personas, the largest first."""
    return read(
        connection,
        Persona,
        "select persona, count(*) as n from profile_personas group by persona order by n desc, persona",
    )


def read_audiences(connection: duckdb.DuckDBPyConnection) -> tuple[Audience, ...]:
    """Return the audiences that have or had members, the largest first."""
    return read(
        connection,
        Audience,
        """
        select
            audience,
            count(*) filter (left_at is null and successor_profile_id is null) as inside_count,
            count(*) filter (change = 'entered'),
            count(*) filter (change = 'left')
        from audiences
        group by audience
        order by inside_count desc, audience
        """,
    )


def read_moments(connection: duckdb.DuckDBPyConnection) -> tuple[Moment, ...]:
    """Return the types of moments, those with the most open and contactable ones first."""
    return read(
        connection,
        Moment,
        f"""
        select
            moment_type,
            suggested_action,
            suggested_channel,
            is_surprise,
            count(*) filter (is_current) as open_count,
            count(*) filter (is_current and is_contactable) as contactable_count,
            {day_of("min(expires_at) filter (is_current)")},
            count(*) filter (not is_current),
            coalesce(
                list(profile_id order by expires_at, profile_id) filter (is_current and is_contactable), []
            )[1:{IDS_SHOWN}]
        from moments
        group by moment_type, suggested_action, suggested_channel, is_surprise
        order by contactable_count desc, open_count desc, moment_type
        """,
    )
