"""Identity health: how records became profiles, with which confidence, which identifiers are shared, what changed."""

from dataclasses import dataclass

import duckdb

from cdp_orchestration.customer_report.reading import read
from expectations.known_values import EVENT_TYPES

UNCERTAIN = 0.9  # profiles whose weakest link is below this probability are listed for review
REVIEW_LIMIT = 10


@dataclass(frozen=True)
class Bin:
    """One bar of a distribution: its label and how many."""

    label: str
    count: int


@dataclass(frozen=True)
class SourcePair:
    """How many profiles two sources have in common; of a source with itself, how many it has in total."""

    source: str
    other: str
    profile_count: int


@dataclass(frozen=True)
class LinkReason:
    """One reason why records belong to their profiles: its records and its weakest link."""

    reason: str
    record_count: int
    weakest_probability: float | None


@dataclass(frozen=True)
class SharedIdentifier:
    """One type of identifier: its distinct values, those used by several profiles, and those suppressed."""

    identifier_type: str
    value_count: int
    several_profiles_count: int
    suppressed_count: int


@dataclass(frozen=True)
class IdentityEvents:
    """One type of identity event: its count in the sync that made the release, and in total."""

    event_type: str
    last_sync_count: int
    total_count: int


@dataclass(frozen=True)
class UncertainProfile:
    """A profile whose weakest link is below ``UNCERTAIN``."""

    profile_id: str
    identity_confidence: float
    record_count: int


@dataclass(frozen=True)
class IdentityHealth:
    """All figures of the section on identity."""

    records_per_profile: tuple[Bin, ...]
    sources_per_profile: tuple[Bin, ...]
    confidence: tuple[Bin, ...]
    source_pairs: tuple[SourcePair, ...]
    link_reasons: tuple[LinkReason, ...]
    shared_identifiers: tuple[SharedIdentifier, ...]
    events: tuple[IdentityEvents, ...]
    redirect_count: int
    uncertain_count: int
    uncertain: tuple[UncertainProfile, ...]


def read_identity_health(connection: duckdb.DuckDBPyConnection, run_id: str) -> IdentityHealth:
    """Read the state of identity; ``run_id`` is the sync that made the release."""
    return IdentityHealth(
        records_per_profile=read(connection, Bin, _RECORDS_PER_PROFILE),
        sources_per_profile=read(connection, Bin, _SOURCES_PER_PROFILE),
        confidence=read(connection, Bin, _CONFIDENCE),
        source_pairs=read(connection, SourcePair, _SOURCE_PAIRS),
        link_reasons=read(connection, LinkReason, _LINK_REASONS),
        shared_identifiers=read(connection, SharedIdentifier, _SHARED_IDENTIFIERS),
        events=read(connection, IdentityEvents, _EVENTS, run_id),
        redirect_count=int(connection.execute("select count(*) from profile_redirects").fetchall()[0][0]),
        uncertain_count=int(connection.execute(_UNCERTAIN_COUNT, [UNCERTAIN]).fetchall()[0][0]),
        uncertain=read(connection, UncertainProfile, _UNCERTAIN, UNCERTAIN, REVIEW_LIMIT),
    )


_RECORDS_PER_PROFILE = """
    with sized as (
        select
            case
                when record_count <= 5 then record_count
                when record_count <= 10 then 6
                when record_count <= 20 then 11
                else 21
            end as lowest
        from profiles
    )
    select
        case lowest when 1 then '1 record' when 6 then '6 to 10' when 11 then '11 to 20' when 21 then 'over 20'
            else lowest::varchar end,
        count(*)
    from sized
    group by lowest
    order by lowest
"""

_SOURCES_PER_PROFILE = """
    select source_count || if(source_count = 1, ' source', ' sources'), count(*)
    from profiles
    where not is_anonymous
    group by source_count
    order by source_count
"""

# A profile of one record has no link whose confidence could be counted.
_CONFIDENCE = """
    with bins (place, label, lowest) as (
        values (1, 'certain', 1.0), (2, '0.99 and more', 0.99), (3, '0.95 to 0.99', 0.95), (4, '0.90 to 0.95', 0.9),
            (5, 'below 0.90', 0.0)
    ),
    placed as (
        select max(bins.lowest) as lowest
        from profiles
        inner join bins on profiles.identity_confidence >= bins.lowest
        where profiles.record_count > 1
        group by profiles.profile_id
    )
    select bins.label, count(placed.lowest)
    from bins
    left join placed on bins.lowest = placed.lowest
    group by bins.place, bins.label
    order by bins.place
"""

_SOURCE_PAIRS = """
    with known as (
        select distinct profile_id, source_system from profile_records
    )
    select one.source_system, other.source_system, count(*)
    from known as one
    inner join known as other on one.profile_id = other.profile_id
    group by one.source_system, other.source_system
    order by one.source_system, other.source_system
"""

_LINK_REASONS = """
    select link_reason, count(*) as n, min(match_probability)
    from profile_records
    group by link_reason
    order by n desc, link_reason
"""

_SHARED_IDENTIFIERS = """
    select
        identifier_type,
        count(distinct identifier_sha256),
        count(distinct identifier_sha256) filter (profile_count > 1),
        count(distinct identifier_sha256) filter (is_shared)
    from profile_identifiers
    group by identifier_type
    order by identifier_type
"""

_EVENTS = f"""
    with kinds as (
        select
            unnest({list(EVENT_TYPES)}) as event_type,
            unnest(range({len(EVENT_TYPES)})) as place
    )
    select kinds.event_type, count(event_id) filter (run_id = ?), count(event_id)
    from kinds
    left join profile_events on kinds.event_type = profile_events.event_type
    group by kinds.event_type, kinds.place
    order by kinds.place
"""

_UNCERTAIN_COUNT = "select count(*) from profiles where identity_confidence < ?"

_UNCERTAIN = """
    select profile_id, identity_confidence, record_count
    from profiles
    where identity_confidence < ?
    order by identity_confidence, profile_id
    limit ?
"""
