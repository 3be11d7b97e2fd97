"""Sparse records (receipts, cards, visitors, survey answers) are assigned to the one person that they point to.

A sparse record has neither given name nor date of birth, so it says too little to stand for a person by itself.
"""

import duckdb
import numpy as np
import pyarrow as pa

from identity.clusters.profile_limits import create_limit_candidates, limit_check
from identity.clusters.sparse_links import create_sparse_links
from identity.graph import connected_components
from identity.limits import Limits

# Bits by which one cluster must be more likely than the next for the next to be left out
_MIN_LEAD = 6.0

# A receipt knows a card, the card a visitor, the visitor an account: longer chains are rare
_ROUNDS = 4


def assign_units_by_identifier(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Move the sparse units whose strong identifiers lead to one cluster into that cluster of `unit_clusters`.

    Creates tables `sparse_links` and `identifier_assignments` (sparse_unit, cluster). Runs before clusters are merged:
    the receipt of a loyalty card knows an e-mail that the member did not give.
    """
    create_sparse_links(work, limits)
    work.execute(
        """
        create table identifier_assignments as
        select sparse_unit, min(cluster) as cluster
        from sparse_links
        inner join unit_clusters on other_unit = unit
        where trust = 0 and not is_other_sparse
        group by sparse_unit
        having count(distinct cluster) = 1
        """
    )
    _move_to_assigned(work, "identifier_assignments")


def assign_sparse_units(work: duckdb.DuckDBPyConnection, limits: Limits) -> dict[str, int]:
    """Move each sparse unit of `unit_clusters` into the cluster it points to; unassigned ones join each other.

    A sparse unit points by its strong identifiers, or else by its e-mails, phones and address, to people or to sparse
    units that are assigned already. When these lead to clusters of people with different given names, the unit is
    ambiguous: it is assigned to no cluster, and its records stay apart. So do the sparse units of a cluster that breaks
    a limit only with them. Creates tables `sparse_assignments` (sparse_unit, cluster; cluster is null for an ambiguous
    unit), `over_limit_units` and `separated_units` (both: unit).

    Args:
        work: the workspace, with `sparse_links`, `unit_clusters`, `units` and `unit_members`.
        limits: the limits of one profile; link_probability is also the share of a shared mailbox's records that its
            main user must have.

    Returns:
        The number of sparse units by what happened to them: sparse_assigned, sparse_ambiguous, sparse_over_limit.
    """
    work.execute("create table sparse_assignments (sparse_unit integer, cluster integer)")
    assigned_before = 0
    for _ in range(_ROUNDS):
        settings = {"min_lead": _MIN_LEAD, "main_share": limits.link_probability}
        work.execute(f"insert into sparse_assignments {_ASSIGNMENTS_SQL}", settings)
        assigned_now = work.execute("select count(*) from sparse_assignments").fetchall()[0][0]
        if assigned_now == assigned_before:
            break
        assigned_before = assigned_now
        _move_to_assigned(work, "sparse_assignments")
    work.execute(
        "create table separated_units as select sparse_unit as unit from sparse_assignments where cluster is null"
    )
    _join_unassigned(work)
    over_limit = _separate_over_limit(work, limits)
    assigned, ambiguous = work.execute(
        "select count(cluster), count(*) - count(cluster) from sparse_assignments"
    ).fetchall()[0]
    return {"sparse_assigned": int(assigned), "sparse_ambiguous": int(ambiguous), "sparse_over_limit": over_limit}


def _move_to_assigned(work: duckdb.DuckDBPyConnection, assignments: str) -> None:
    work.execute(
        f"""
        create or replace table unit_clusters as
        select unit_clusters.unit, coalesce(assigned.cluster, unit_clusters.cluster) as cluster
        from unit_clusters
        left join {assignments} as assigned on unit_clusters.unit = assigned.sparse_unit
        order by unit
        """
    )


# One row per sparse unit that points to a cluster; cluster is null when it points to different people
_ASSIGNMENTS_SQL = """
with most_trusted as (
    select sparse_links.*
    from sparse_links
    anti join sparse_assignments as assigned on sparse_links.sparse_unit = assigned.sparse_unit
    left join sparse_assignments as others on sparse_links.other_unit = others.sparse_unit
    where not is_other_sparse or others.cluster is not null
    qualify trust = min(trust) over (partition by sparse_links.sparse_unit)
),

pointed_clusters as (
    select
        sparse_unit,
        cluster,
        max(match_weight) as match_weight,
        coalesce(bool_or(names_person), false) as names_person,
        sum(record_count) as record_count
    from most_trusted
    inner join unit_clusters on other_unit = unit
    group by sparse_unit, cluster
),

cluster_names as (
    select cluster, list_distinct(flatten(list(given_roots))) as given_roots
    from unit_clusters
    inner join units using (unit)
    where cluster in (select cluster from pointed_clusters)
    group by cluster
),

candidates as (
    select * from pointed_clusters inner join cluster_names using (cluster)
),

-- a cluster that is far more likely than any other (by e-mail and phone, not e-mail alone) decides, and so does a
-- mailbox that contains the given name of one of them
most_likely as (
    select *
    from candidates
    qualify match_weight >= max(match_weight) over (partition by sparse_unit) - $min_lead
),

possible as (
    select *
    from most_likely
    qualify names_person or not bool_or(names_person) over (partition by sparse_unit)
),

compared as (
    select
        sparse_unit,
        count(*) as cluster_count,
        -- a root that every candidate may stand for: all are forms of one given name
        len(list_reduce(list(given_roots), lambda a, b: list_intersect(a, b))) as common_roots,
        first(cluster order by match_weight desc, record_count desc, cluster) as best,
        first(cluster order by record_count desc, cluster) as main_user,
        (max(record_count) + 1) / (sum(record_count) + count(*)) as main_share
    from possible
    group by sparse_unit
)

select
    sparse_unit,
    case
        when cluster_count = 1 or common_roots > 0 then best
        when main_share >= $main_share then main_user
    end as cluster
from compared
order by sparse_unit
"""


def _join_unassigned(work: duckdb.DuckDBPyConnection) -> None:
    links = work.execute(
        """
        select sparse_links.sparse_unit as left_unit, other_unit as right_unit
        from sparse_links
        anti join sparse_assignments on sparse_links.sparse_unit = sparse_assignments.sparse_unit
        anti join sparse_assignments as others on sparse_links.other_unit = others.sparse_unit
        where is_other_sparse
        """
    ).fetchnumpy()
    count = work.execute("select coalesce(max(unit), -1) + 1 from units").fetchall()[0][0]
    labels = connected_components(count, links["left_unit"], links["right_unit"])
    work.register("groups_arrow", pa.table({"unit": pa.array(np.arange(count, dtype=np.int32)), "first_unit": labels}))
    work.execute(
        """
        create or replace table unit_clusters as
        select unit, if(first_unit <> unit, cast(first_unit as integer), cluster) as cluster
        from unit_clusters
        inner join groups_arrow using (unit)
        order by unit
        """
    )
    work.unregister("groups_arrow")


def _separate_over_limit(work: duckdb.DuckDBPyConnection, limits: Limits) -> int:
    create_limit_candidates(work, limits)
    broken_limit = limit_check(work, limits, "limit_candidates")
    rows = work.execute(
        """
        select cluster, list(unit order by unit), list(unit order by unit) filter (is_sparse)
        from unit_clusters
        inner join units using (unit)
        where cluster in (select cluster from limit_candidates)
        group by cluster
        order by cluster
        """
    ).fetchall()
    over_limit: list[int] = []
    for _, members, sparse in rows:
        core = set(members) - set(sparse or [])
        if sparse and broken_limit(members) and not (core and broken_limit(core)):
            fitting = core | {unit for unit in sparse if not broken_limit(core | {unit})}
            over_limit += sparse if broken_limit(fitting) else set(members) - fitting
    work.register("over_limit_arrow", pa.table({"unit": pa.array(sorted(over_limit), pa.int32())}))
    work.execute("create table over_limit_units as select unit from over_limit_arrow")
    work.unregister("over_limit_arrow")
    work.execute("insert into separated_units select unit from over_limit_units anti join separated_units using (unit)")
    work.execute("update unit_clusters set cluster = unit where unit in (select unit from over_limit_units)")
    return len(over_limit)
