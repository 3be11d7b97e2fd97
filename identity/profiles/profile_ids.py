"""Profile ids that last: new clusters take over the ids of the profiles they continue; each change is an event."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from identity.errors import IdentityError
from identity.profiles.time_ordered_ids import time_ordered_ids
from identity.schemas import OUTPUT_SCHEMAS


@dataclass(frozen=True)
class ProfileChanges:
    """The new profile_assignments and profile_redirects, whole, and the profile_events of this run alone."""

    assignments: pa.Table
    events: pa.Table
    redirects: pa.Table


def assign_profile_ids(
    clusters: pa.Table,
    previous: pa.Table | None,
    *,
    now: datetime,
    run_id: str,
    previous_redirects: pa.Table | None = None,
    new_id: Callable[[], str] | None = None,
    cause: str | None = None,
) -> ProfileChanges:
    """Give each cluster a profile id: the previous one with which it shares most records, else a new one.

    Ties fall to the older id (the smaller: ids are time-ordered). An id goes to one cluster at most. A record whose
    profile did not change keeps linked_at; profile_id_first never changes. An id without any record left is
    retired and redirects to null. Events: created (profile_id is new), merged (other_profile_id became part of
    profile_id), split (records of profile_id went to other_profile_id), retired (profile_id lost its last record).
    `cause` names what else than the records brought the changes about, such as a new model, in every event.
    Raises IdentityError when a record stands in two clusters or two previous profiles.
    """
    moment = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    with duckdb.connect() as work:
        _register(work, "clusters", clusters)
        _register(work, "previous", previous or OUTPUT_SCHEMAS["profile_assignments"].empty_table())
        _register(work, "previous_redirects", previous_redirects or OUTPUT_SCHEMAS["profile_redirects"].empty_table())
        _create_cluster_profiles(work, new_id or time_ordered_ids(now))
        work.execute(f"create table moves as {_MOVES_SQL}")
        parameters = {"now": moment}
        assignments = work.execute(_ASSIGNMENTS_SQL, parameters).to_arrow_table()
        redirects = work.execute(_REDIRECTS_SQL, parameters).to_arrow_table()
        events = _events(work.execute(_EVENTS_SQL).fetchall(), run_id, moment, cause)
    return ProfileChanges(
        assignments.cast(OUTPUT_SCHEMAS["profile_assignments"]),
        events,
        redirects.cast(OUTPUT_SCHEMAS["profile_redirects"]),
    )


def _register(work: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    work.register(f"{name}_arrow", table)
    work.execute(f"create table {name} as select * from {name}_arrow")
    key = "old_profile_id" if name == "previous_redirects" else "person_record_id"
    total, distinct = work.execute(f"select count(*), count(distinct {key}) from {name}").fetchall()[0]
    if total != distinct:
        raise IdentityError(
            f"Table {name} must hold each {key} once; found {total} rows with {distinct} distinct ones. "
            "Remove the repeated rows."
        )


def _create_cluster_profiles(work: duckdb.DuckDBPyConnection, new_id: Callable[[], str]) -> None:
    overlaps = work.execute(_OVERLAPS_SQL).fetchall()
    profile_of: dict[str, str] = {}
    taken: set[str] = set()
    for cluster, profile in overlaps:
        if cluster not in profile_of and profile not in taken:
            profile_of[cluster] = profile
            taken.add(profile)
    clusters = [cluster for (cluster,) in work.execute(_CLUSTERS_IN_ORDER_SQL).fetchall()]
    profiles = [profile_of.get(cluster) for cluster in clusters]
    columns = [clusters, [profile or new_id() for profile in profiles], [profile is None for profile in profiles]]
    work.register("cluster_profiles_arrow", pa.table(columns, schema=_CLUSTER_PROFILES))
    work.execute("create table cluster_profiles as select * from cluster_profiles_arrow")


_CLUSTER_PROFILES = pa.schema([("cluster_id", pa.string()), ("profile_id", pa.string()), ("is_new", pa.bool_())])


def _events(rows: list[tuple[str, str, str | None, str]], run_id: str, moment: datetime, cause: str | None) -> pa.Table:
    schema = OUTPUT_SCHEMAS["profile_events"]
    made = [
        {
            # the same run that is repeated tells the same events
            "event_id": hashlib.sha256(
                "|".join([run_id, kind, profile, other or "", cause or ""]).encode()
            ).hexdigest()[:32],
            "event_type": kind,
            "profile_id": profile,
            "other_profile_id": other,
            "cause": cause or own_cause,
            "run_id": run_id,
            "occurred_at": moment,
        }
        for kind, profile, other, own_cause in rows
    ]
    return pa.Table.from_pylist(made, schema=schema)


# The first record of a cluster names it, so that nothing hangs on how the caller labels clusters
_OVERLAPS_SQL = """
with named as (
    select person_record_id, cluster_id, min(person_record_id) over (partition by cluster_id) as first_record
    from clusters
),

shares as (
    select cluster_id, first_record, profile_id, count(*) as record_count
    from named
    inner join previous using (person_record_id)
    group by cluster_id, first_record, profile_id
)

select cluster_id, profile_id
from shares
order by record_count desc, profile_id, first_record
"""

_CLUSTERS_IN_ORDER_SQL = """
select cluster_id
from clusters
group by cluster_id
order by min(person_record_id)
"""

# One row per previous profile and profile that holds some of its records now (null: the records are gone)
_MOVES_SQL = """
with moved as (
    select previous.profile_id as old_profile_id, cluster_profiles.profile_id, count(*) as record_count
    from previous
    left join clusters using (person_record_id)
    left join cluster_profiles using (cluster_id)
    group by previous.profile_id, cluster_profiles.profile_id
)

select
    moved.*,
    record_count / sum(record_count) over (partition by old_profile_id) as record_share,
    old_profile_id in (select profile_id from cluster_profiles) as is_living,
    row_number() over (
        partition by old_profile_id order by moved.profile_id is null, record_count desc, moved.profile_id
    ) as rank
from moved
"""

_ASSIGNMENTS_SQL = """
select
    clusters.person_record_id,
    if(clusters.person_record_id like '%:%:%', split_part(clusters.person_record_id, ':', 1), null) as source_system,
    if(clusters.person_record_id like '%:%:%', split_part(clusters.person_record_id, ':', 2), null)
        as source_record_type,
    if(
        clusters.person_record_id like '%:%:%',
        regexp_extract(clusters.person_record_id, '^[^:]*:[^:]*:(.*)$', 1, 's'),
        clusters.person_record_id
    ) as source_record_id,
    cluster_profiles.profile_id,
    coalesce(previous.profile_id_first, cluster_profiles.profile_id) as profile_id_first,
    clusters.link_reason,
    clusters.match_probability,
    if(previous.profile_id = cluster_profiles.profile_id, previous.linked_at, cast($now as timestamp)) as linked_at
from clusters
inner join cluster_profiles using (cluster_id)
left join previous using (person_record_id)
order by clusters.person_record_id
"""

# An id redirects to where most of its records went; what pointed to it before follows
_REDIRECTS_SQL = """
with ended as (
    select
        old_profile_id,
        profile_id,
        if(profile_id is null, 'retired', 'merged') as reason,
        if(profile_id is null, 0.0, record_share) as record_share,
        cast($now as timestamp) as redirected_at
    from moves
    where not is_living and rank = 1
),

followed as (
    select
        earlier.old_profile_id,
        if(ended.old_profile_id is null, earlier.profile_id, ended.profile_id) as profile_id,
        if(ended.old_profile_id is null, earlier.reason, ended.reason) as reason,
        if(ended.old_profile_id is null, earlier.record_share, earlier.record_share * ended.record_share)
            as record_share,
        if(ended.old_profile_id is null, earlier.redirected_at, ended.redirected_at) as redirected_at
    from previous_redirects as earlier
    left join ended on earlier.profile_id = ended.old_profile_id
)

select * from followed
union all
select * from ended
order by old_profile_id
"""

_EVENTS_SQL = """
with created as (
    select
        'created' as event_type,
        cluster_profiles.profile_id,
        null as other_profile_id,
        if(count(previous.profile_id) = 0, 'new_records', 'records_left_another_profile') as cause
    from cluster_profiles
    inner join clusters using (cluster_id)
    left join previous using (person_record_id)
    where is_new
    group by cluster_profiles.profile_id
),

merged as (
    select 'merged', profile_id, old_profile_id, 'evidence_links_their_records'
    from moves
    where not is_living and rank = 1 and profile_id is not null
),

split as (
    select 'split', old_profile_id, profile_id, 'evidence_no_longer_links_their_records'
    from moves
    where profile_id is not null and profile_id <> old_profile_id and (is_living or rank > 1)
),

retired as (
    select 'retired', old_profile_id, null, 'no_records_left'
    from moves
    where not is_living and rank = 1 and profile_id is null
)

select * from created
union all select * from merged
union all select * from split
union all select * from retired
order by 1, 2, 3
"""
