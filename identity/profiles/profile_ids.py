"""Stable profile ids: a new cluster takes over the id of the profile that it continues; each change is an event.

An id goes to one cluster at most, and a record's profile_id_first never changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from identity.errors import IdentityError
from identity.profiles.profile_history import create_moves, events_table, redirects_table
from identity.profiles.time_ordered_ids import time_ordered_ids
from identity.schemas import OUTPUT_SCHEMAS


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
) -> ProfileChanges:
    """Give each cluster a profile id: the previous one with which it shares most records, else a new one.

    Ties go to the older id (the smaller one: ids are time-ordered). A record whose profile did not change keeps its
    linked_at. Fails with IdentityError when a record is in two clusters or two previous profiles.

    Args:
        clusters: one row per person record; see CLUSTERS.
        previous: the profile_assignments of the run before; None before the first.
        now: the time of the run; without a time zone it is UTC.
        run_id: the id of the run, for the events.
        previous_redirects: the profile_redirects of the run before.
        new_id: returns a new id at each call; None for time-ordered ids.
        cause: the cause of all changes if it is not the records, such as a new model.

    Returns:
        All assignments and redirects, and the events of this run; see profile_history.
    """
    moment = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    with duckdb.connect() as work:
        _register(work, "clusters", clusters)
        _register(work, "previous", previous or OUTPUT_SCHEMAS["profile_assignments"].empty_table())
        _register(work, "previous_redirects", previous_redirects or OUTPUT_SCHEMAS["profile_redirects"].empty_table())
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


# The first record of a cluster names it, so that nothing depends on how the caller labels clusters
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
