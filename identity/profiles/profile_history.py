"""The history of profiles: where records moved, and the redirects that follow from it."""

from datetime import datetime

import duckdb
import pyarrow as pa

from identity.schemas import OUTPUT_SCHEMAS


def create_moves(work: duckdb.DuckDBPyConnection) -> None:
    """Create table `moves`: one row per previous profile and profile that has some of its records now.

    Columns: old_profile_id, profile_id (null for deleted records), record_count, record_share (of the previous
    profile's records, 0..1), is_replaced (whether all of them changed everything at once), is_living (whether the
    previous id is still in use), rank (1 for most records). Needs `previous`, `clusters`, `cluster_profiles` and
    `replaced`.
    """
    work.execute(f"create table moves as {_MOVES_SQL}")


def redirects_table(work: duckdb.DuckDBPyConnection, moment: datetime) -> pa.Table:
    """One row per profile id that is no longer in use, at this moment (UTC); needs `moves`, `previous_redirects`."""
    redirects = work.execute(_REDIRECTS_SQL, {"now": moment}).to_arrow_table()
    return redirects.cast(OUTPUT_SCHEMAS["profile_redirects"])


_MOVES_SQL = """
with moved as (
    select
        previous.profile_id as old_profile_id,
        cluster_profiles.profile_id,
        count(*) as record_count,
        count(replaced.person_record_id) = count(*) as is_replaced
    from previous
    left join replaced using (person_record_id)
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

# An id redirects to the profile that has most of its records. Earlier redirects to it follow: to where most of the
# records went that had the earlier id first, so that a division leads each of them to its own people again
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

divided as (
    select old_profile_id
    from moves
    where profile_id is not null
    group by old_profile_id
    having count(*) > 1
),

heirs as (
    select
        previous.profile_id_first as first_profile_id,
        previous.profile_id as former_profile_id,
        cluster_profiles.profile_id,
        count(*) / sum(count(*)) over (partition by first_profile_id, former_profile_id) as record_share
    from previous
    semi join divided on previous.profile_id = divided.old_profile_id
    inner join clusters using (person_record_id)
    inner join cluster_profiles using (cluster_id)
    where previous.profile_id_first <> previous.profile_id
    group by first_profile_id, former_profile_id, cluster_profiles.profile_id
    qualify row_number() over (
        partition by first_profile_id, former_profile_id
        order by count(*) desc, cluster_profiles.profile_id <> former_profile_id, cluster_profiles.profile_id
    ) = 1
),

followed as (
    select
        earlier.*,
        case
            when heirs.profile_id is not null then heirs.profile_id
            when ended.old_profile_id is null then earlier.profile_id
            else ended.profile_id
        end as target,
        coalesce(heirs.record_share, ended.record_share, 1.0) as share_that_went,
        ended.reason as end_reason
    from previous_redirects as earlier
    left join ended on earlier.profile_id = ended.old_profile_id
    left join heirs
        on earlier.old_profile_id = heirs.first_profile_id and earlier.profile_id = heirs.former_profile_id
    where earlier.old_profile_id not in (select profile_id from cluster_profiles)
)

select
    old_profile_id,
    target as profile_id,
    if(target is null, coalesce(end_reason, reason), reason) as reason,
    if(target is not distinct from profile_id, record_share, record_share * share_that_went) as record_share,
    if(target is not distinct from profile_id, redirected_at, cast($now as timestamp)) as redirected_at
from followed
union all
select * from ended
order by old_profile_id
"""
