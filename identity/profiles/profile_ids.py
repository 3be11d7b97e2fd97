"""Stable profile ids: a new cluster takes over the id of the profile that it continues; each change is an event.

Ids are decided against what readers last saw. An id goes to one cluster at most, and a record's profile_id_first never
changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from identity.errors import IdentityError
from identity.profiles.events import events_table
from identity.profiles.profile_history import create_moves, redirects_table
from identity.profiles.time_ordered_ids import time_ordered_ids
from identity.schemas import OUTPUT_SCHEMAS, OVERRIDE_CHANGES, REPLACED


@dataclass(frozen=True)
class ProfileChanges:
    """The change from the previous profiles to those of new clusters; tables as in OUTPUT_SCHEMAS.

    Attributes:
        assignments: all profile_assignments, one row per record.
        events: the profile_events of this run alone.
        redirects: all profile_redirects, those of former runs included.
    """

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
    unpublished: pa.Table | None = None,
    decisions: pa.Table | None = None,
    replaced: pa.Table | None = None,
) -> ProfileChanges:
    """Give each cluster a profile id: the previous one with which it shares most records, a former or a new one.

    Ties go to the older id (the smaller one: ids are time-ordered), and of clusters that share equally many records to
    the one with most records that had the id first. A cluster that no previous id is left for takes back the id that
    its records had first, if that is in use no more. A record whose profile did not change keeps its linked_at. Fails
    with IdentityError when a record is in two clusters or two previous profiles.

    Args:
        clusters: one row per person record; see CLUSTERS.
        previous: the profile_assignments that readers last saw; None before the first.
        now: the time of the run; without a time zone it is UTC.
        run_id: the id of the run, for the events.
        previous_redirects: the profile_redirects that readers last saw.
        new_id: returns a new id at each call; None for time-ordered ids.
        cause: the cause of all that the evidence changes if it is not the records, such as a new model.
        unpublished: the profile_assignments of a later run that no reader has seen; its new ids are used again, so
            that a repeated run gives equal ids. It changes nothing else.
        decisions: the decisions of people that may have changed profiles; see OVERRIDE_CHANGES. Events name them.
        replaced: the records that say nothing any more of what they said before; see REPLACED. One that is kept by
            its key is an event; one that is not leaves the id, where as many records stayed the same, to those.

    Returns:
        All assignments and redirects, and the events of this run; see profile_history.
    """
    moment = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    with duckdb.connect() as work:
        _register(work, "clusters", clusters)
        _register(work, "previous", previous or OUTPUT_SCHEMAS["profile_assignments"].empty_table())
        _register(work, "unpublished", unpublished or OUTPUT_SCHEMAS["profile_assignments"].empty_table())
        _register(work, "previous_redirects", previous_redirects or OUTPUT_SCHEMAS["profile_redirects"].empty_table())
        _register(work, "replaced", replaced or REPLACED.empty_table())
        work.register("decisions", decisions or OVERRIDE_CHANGES.empty_table())
        _create_cluster_profiles(work, new_id or time_ordered_ids(now))
        create_moves(work)
        return ProfileChanges(
            _assignments_table(work, moment),
            events_table(work, run_id, moment, cause),
            redirects_table(work, moment),
        )


def _assignments_table(work: duckdb.DuckDBPyConnection, moment: datetime) -> pa.Table:
    assignments = work.execute(_ASSIGNMENTS_SQL, {"now": moment}).to_arrow_table()
    return assignments.cast(OUTPUT_SCHEMAS["profile_assignments"])


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
    """Create table `cluster_profiles`: most clusters by a join, those that others have a claim against one by one."""
    work.execute(f"create table cluster_profiles as {_CONTINUED_SQL}")
    profile_of: dict[str, str] = {}
    taken: set[str] = set()

    def take(query: str) -> list[str]:
        claims = [(cluster, profile) for cluster, profile in work.execute(query).fetchall()]
        given = []
        for cluster, profile in claims:
            if cluster not in profile_of and profile not in taken:
                profile_of[cluster] = profile
                taken.add(profile)
                given.append(cluster)
        return given

    take(_OVERLAPS_SQL)
    take(_FORMER_IDS_SQL)
    new = set(take(_UNPUBLISHED_IDS_SQL))
    rest = work.cursor().execute(_CLUSTERS_IN_ORDER_SQL)
    # each name and id as an object of Python takes ten times its bytes
    while clusters := [cluster for (cluster,) in rest.fetchmany(_CLUSTERS_AT_A_TIME)]:
        columns = [
            clusters,
            [profile_of.get(cluster) or new_id() for cluster in clusters],
            [cluster in new or cluster not in profile_of for cluster in clusters],
        ]
        work.register("cluster_profiles_arrow", pa.table(columns, schema=_CLUSTER_PROFILES))
        work.execute("insert into cluster_profiles select * from cluster_profiles_arrow")


_CLUSTERS_AT_A_TIME = 100_000
_CLUSTER_PROFILES = pa.schema([("cluster_id", pa.string()), ("profile_id", pa.string()), ("is_new", pa.bool_())])


# A cluster with the records of one previous profile alone, all of which are in no other, continues it whatever else is
_CONTINUED_SQL = """
with shares as (select distinct cluster_id, profile_id from clusters inner join previous using (person_record_id))

select cluster_id, profile_id, false as is_new
from shares
qualify count(*) over (partition by cluster_id) = 1 and count(*) over (partition by profile_id) = 1
"""

# The first record of a cluster names it, so that nothing depends on how the caller labels clusters
_NAMED_SQL = """
with named as (
    select person_record_id, cluster_id, min(person_record_id) over (partition by cluster_id) as first_record
    from clusters
    anti join cluster_profiles using (cluster_id)
)
"""

_OVERLAPS_SQL = f"""
{_NAMED_SQL},

shares as (
    select
        cluster_id,
        first_record,
        profile_id,
        count(*) as record_count,
        count(*) filter (profile_id_first = profile_id) as first_count,
        count(*) filter (not replaced.is_kept) as replaced_count
    from named
    inner join previous using (person_record_id)
    left join replaced using (person_record_id)
    group by cluster_id, first_record, profile_id
)

select cluster_id, profile_id
from shares
order by record_count desc, profile_id, first_count desc, replaced_count, first_record
"""

# An id that readers have seen either is in use or redirects; one that redirects is free
_FORMER_IDS_SQL = f"""
{_NAMED_SQL}

select cluster_id, profile_id_first
from named
inner join previous using (person_record_id)
semi join previous_redirects on profile_id_first = old_profile_id
anti join (from replaced where not is_kept) as replaced using (person_record_id)
group by cluster_id, first_record, profile_id_first
order by count(*) desc, profile_id_first, first_record
"""

_UNPUBLISHED_IDS_SQL = f"""
{_NAMED_SQL}

select cluster_id, unpublished.profile_id
from named
inner join unpublished using (person_record_id)
where unpublished.profile_id not in (select profile_id from previous)
    and unpublished.profile_id not in (select old_profile_id from previous_redirects)
group by cluster_id, first_record, unpublished.profile_id
order by count(*) desc, unpublished.profile_id, first_record
"""

_CLUSTERS_IN_ORDER_SQL = """
select cluster_id
from clusters
anti join cluster_profiles using (cluster_id)
group by cluster_id
order by min(person_record_id)
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
    case cluster_profiles.profile_id
        when previous.profile_id then previous.linked_at
        when unpublished.profile_id then unpublished.linked_at
        else cast($now as timestamp)
    end as linked_at
from clusters
inner join cluster_profiles using (cluster_id)
left join previous on clusters.person_record_id = previous.person_record_id
left join unpublished on clusters.person_record_id = unpublished.person_record_id
order by clusters.person_record_id
"""
