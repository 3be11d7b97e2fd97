"""Records that say too little to stand for a person (receipts, cards, visitors, answers) join the one they point to."""

import duckdb
import numpy as np
import pyarrow as pa

from identity.clusters.profile_limits import create_suspects, limit_check
from identity.graph import connected_components
from identity.limits import Limits, threshold_weight

# Bits by which one owner must be the likelier, to be the only one
_DECIDED = 6.0

# A receipt knows a card, the card a visitor, the visitor an account: longer chains are rare
_ROUNDS = 4


def assign_units_by_identifier(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Give the bare units of `unit_clusters` whose strong identifiers lead to one cluster that cluster.

    Comes before clusters are joined: the receipt of a loyalty card knows an e-mail that the member did not tell.
    Creates table `sparse_links`: each link of a bare unit with any other.
    """
    thresholds = {
        "link": threshold_weight(limits.link_probability),
        "review": threshold_weight(limits.review_probability),
    }
    work.execute(f"create table sparse_links as {_SPARSE_LINKS_SQL}", thresholds)
    work.execute(
        """
        create table identifier_assignments as
        select bare, min(cluster) as cluster
        from sparse_links
        inner join unit_clusters on other = unit
        where trust = 0 and not is_other_sparse
        group by bare
        having count(distinct cluster) = 1
        """
    )
    _move_to(work, "identifier_assignments")


def assign_sparse_units(work: duckdb.DuckDBPyConnection, limits: Limits) -> dict[str, int]:
    """Give each bare unit of `unit_clusters` the cluster it points to; bare units without an owner join each other.

    A bare unit points by its strong identifiers, or else by its e-mails, phones and address, to people or to bare
    units that have found theirs. When these lead to clusters of people with different given names, nobody can say
    whose it is: it stays alone, and its records apart (table `split_units`). So do the bare units of a cluster that
    only with them breaks a limit. Needs `sparse_links`.
    Returns the number of bare units that joined a person, that stayed disputed, and that would break a limit.
    """
    work.execute("create table sparse_assignments (bare integer, cluster integer)")
    known = 0
    for _ in range(_ROUNDS):
        settings = {"decided": _DECIDED, "main_share": limits.link_probability}
        work.execute(f"insert into sparse_assignments {_ASSIGNMENTS_SQL}", settings)
        owners = work.execute("select count(*) from sparse_assignments").fetchall()[0][0]
        if owners == known:
            break
        known = owners
        _move_to(work, "sparse_assignments")
    work.execute("create table split_units as select bare as unit from sparse_assignments where cluster is null")
    _join_unassigned(work)
    over_limit = _release_over_limit(work, limits)
    owned, disputed = work.execute(
        "select count(cluster), count(*) - count(cluster) from sparse_assignments"
    ).fetchall()[0]
    return {"sparse_assigned": int(owned), "sparse_ambiguous": int(disputed), "sparse_over_limit": over_limit}


def _move_to(work: duckdb.DuckDBPyConnection, owners: str) -> None:
    work.execute(
        f"""
        create or replace table unit_clusters as
        select unit_clusters.unit, coalesce(owners.cluster, unit_clusters.cluster) as cluster
        from unit_clusters
        left join {owners} as owners on unit_clusters.unit = owners.bare
        order by unit
        """
    )


# Each link of a bare unit with any other: by strong identifier (trust 0), by contact (1) or by address (2);
# a shared e-mail or phone may be less certain, because the owner must be the only one
_SPARSE_LINKS_SQL = """
with either_way as (
    select left_unit as bare, right_unit as other, stranger_weight as match_weight, reason
    from weighed_pairs
    left join deterministic_pairs using (left_unit, right_unit)
    union all
    select right_unit, left_unit, stranger_weight, reason
    from weighed_pairs
    left join deterministic_pairs using (left_unit, right_unit)
),

sizes as (select unit, count(*) as record_count from unit_members group by unit)

select
    bare,
    other,
    match_weight,
    record_count,
    units.is_sparse as is_other_sparse,
    case
        when reason is not null then 0
        when list_has_any(sparse_units.emails, units.emails) or list_has_any(sparse_units.phones, units.phones) then 1
        else 2
    end as trust,
    len(list_filter(
        list_intersect(sparse_units.emails, units.emails),
        lambda e: (length(units.given_name) >= 3 and contains(split_part(e, '@', 1), units.given_name))
            -- a formal name is one of several that a short form may stand for, and the short ones occur in any word
            or len(list_filter(units.given_roots, lambda r: length(r) >= 4 and contains(split_part(e, '@', 1), r))) > 0
    )) > 0
        as names_person
from either_way
inner join units as sparse_units on bare = sparse_units.unit
inner join units on other = units.unit
inner join sizes on other = sizes.unit
where sparse_units.is_sparse and (
    reason is not null
    or match_weight >= $link
    or (match_weight >= $review and (
        list_has_any(sparse_units.emails, units.emails) or list_has_any(sparse_units.phones, units.phones)))
)
"""

# One row per bare unit that points to somebody; cluster is null when it points to different people
_ASSIGNMENTS_SQL = """
with trusted as (
    select sparse_links.*
    from sparse_links
    anti join sparse_assignments as found on sparse_links.bare = found.bare
    left join sparse_assignments as others on sparse_links.other = others.bare
    where not is_other_sparse or others.cluster is not null
    qualify trust = min(trust) over (partition by sparse_links.bare)
),

pointed_clusters as (
    select
        bare,
        cluster,
        max(match_weight) as match_weight,
        coalesce(bool_or(names_person), false) as names_person,
        sum(record_count) as record_count
    from trusted
    inner join unit_clusters on other = unit
    group by bare, cluster
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

-- what points to one person far more than to any other (e-mail and phone, not e-mail alone) decides, and so does
-- a mailbox that bears the given name of one of them
nearest as (
    select *
    from candidates
    qualify match_weight >= max(match_weight) over (partition by bare) - $decided
),

owners as (
    select *
    from nearest
    qualify names_person or not bool_or(names_person) over (partition by bare)
),

pointed as (
    select
        bare,
        count(*) as cluster_count,
        -- a root that every candidate may stand for: all are forms of one given name
        len(list_reduce(list(given_roots), lambda a, b: list_intersect(a, b))) as common_roots,
        first(cluster order by match_weight desc, record_count desc, cluster) as best,
        first(cluster order by record_count desc, cluster) as main_user,
        (max(record_count) + 1) / (sum(record_count) + count(*)) as main_share
    from owners
    group by bare
)

select
    bare,
    case
        when cluster_count = 1 or common_roots > 0 then best
        when main_share >= $main_share then main_user
    end as cluster
from pointed
order by bare
"""


def _join_unassigned(work: duckdb.DuckDBPyConnection) -> None:
    links = work.execute(
        """
        select bare as left_unit, other as right_unit
        from sparse_links
        anti join sparse_assignments on sparse_links.bare = sparse_assignments.bare
        anti join sparse_assignments as other_owners on sparse_links.other = other_owners.bare
        where is_other_sparse
        """
    ).fetchnumpy()
    count = work.execute("select coalesce(max(unit), -1) + 1 from units").fetchall()[0][0]
    labels = connected_components(count, links["left_unit"], links["right_unit"])
    work.register("joined_arrow", pa.table({"unit": pa.array(np.arange(count, dtype=np.int32)), "joined": labels}))
    work.execute(
        """
        create or replace table unit_clusters as
        select unit, if(joined <> unit, cast(joined as integer), cluster) as cluster
        from unit_clusters
        inner join joined_arrow using (unit)
        order by unit
        """
    )
    work.unregister("joined_arrow")


def _release_over_limit(work: duckdb.DuckDBPyConnection, limits: Limits) -> int:
    create_suspects(work, limits)
    broken_limit = limit_check(work, limits, "suspects")
    rows = work.execute(
        """
        select cluster, list(unit order by unit), list(unit order by unit) filter (is_sparse)
        from unit_clusters
        inner join units using (unit)
        where cluster in (select cluster from suspects)
        group by cluster
        order by cluster
        """
    ).fetchall()
    released: list[int] = []
    for _, found, bare in rows:
        core = set(found) - set(bare or [])
        if bare and broken_limit(found) and not (core and broken_limit(core)):
            kept = core | {unit for unit in bare if not broken_limit(core | {unit})}
            released += bare if broken_limit(kept) else set(found) - kept
    work.register("released_arrow", pa.table({"unit": pa.array(sorted(released), pa.int32())}))
    work.execute("create table released as select unit from released_arrow")
    work.unregister("released_arrow")
    work.execute("insert into split_units select unit from released anti join split_units using (unit)")
    work.execute("update unit_clusters set cluster = unit where unit in (select unit from released)")
    return len(released)
