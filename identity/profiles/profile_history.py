"""The history of profiles: where records moved, and the redirects and events that follow from it.

Events are created (profile_id is new), merged (other_profile_id became part of profile_id), split (records of
profile_id went to other_profile_id) and retired (profile_id lost its last record and redirects to null).
"""

import hashlib
from datetime import datetime

import duckdb
import pyarrow as pa

from identity.schemas import OUTPUT_SCHEMAS


def create_moves(work: duckdb.DuckDBPyConnection) -> None:
    """Create table `moves`: one row per previous profile and profile that has some of its records now.

    Columns: old_profile_id, profile_id (null for deleted records), record_count, record_share (of the previous
    profile's records, 0..1), is_living (whether the previous id is still in use), rank (1 for most records). Needs
    `previous`, `clusters` and `cluster_profiles`.
    """
    work.execute(f"create table moves as {_MOVES_SQL}")


def redirects_table(work: duckdb.DuckDBPyConnection, moment: datetime) -> pa.Table:
    """One row per profile id that is no longer in use, at this moment (UTC); needs `moves`, `previous_redirects`."""
    redirects = work.execute(_REDIRECTS_SQL, {"now": moment}).to_arrow_table()
    return redirects.cast(OUTPUT_SCHEMAS["profile_redirects"])


def events_table(work: duckdb.DuckDBPyConnection, run_id: str, moment: datetime, cause: str | None) -> pa.Table:
    """One row per profile that this run created, merged, split or retired; see assign_profile_ids."""
    events = [
        {
            # a run that is repeated gives the same event ids
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
        for kind, profile, other, own_cause in work.execute(_EVENTS_SQL).fetchall()
    ]
    return pa.Table.from_pylist(events, schema=OUTPUT_SCHEMAS["profile_events"])


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

# An id redirects to the profile that has most of its records; earlier redirects to that id follow
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
