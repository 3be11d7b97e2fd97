"""Cluster merging (agglomerative): several records of a person together are more evidence than any single pair.

Each cluster is compared as one person who has all the values of its records: a comparison counts by the best level that
any record of one cluster reaches with any record of the other. A person who moved and married is found by the records
that have the old address with the new name; a conflict remains a conflict when no value at all agrees.
"""

import duckdb

from identity.clusters.ambiguous_merges import create_ambiguous_merges
from identity.clusters.cluster_pairs import score_missing_pairs, weigh_cluster_pairs
from identity.clusters.profile_limits import limit_check
from identity.limits import Limits, threshold_weight
from identity.model.trained_model import TrainedModel
from identity.scoring.deterministic import CONFLICT
from identity.scoring.match_weights import household_weight

_ROUNDS = 20

# The missing pairs of units of two clusters are scored when the clusters are at most so many bits below the threshold
_MAX_MISSING_WEIGHT = 4.0


def merge_clusters(work: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits) -> int:
    """Merge clusters of `unit_clusters` that are one person by all their records.

    In each round two clusters are merged when each is the other's best match and their weight is at the link threshold
    or above. Creates table `merged_pairs` (left_unit, right_unit, cluster_weight): one row per merge, with the pair of
    units that agrees most, which represents the merge, and the weight of all records of the two clusters. Adds to
    `kept_apart` the pairs that alone would be linked, with the reason why their clusters are not merged.

    Args:
        work: the workspace, with `unit_clusters`, `weighed_pairs`, `kept_apart` and `neighbourhoods`: only clusters
            of one neighbourhood may be merged.
        model: the model that weighs clusters.
        limits: the link threshold and the limits of one profile.

    Returns:
        The number of merges.
    """
    threshold = threshold_weight(limits.link_probability)
    work.execute("create table merged_pairs (left_unit integer, right_unit integer, cluster_weight double)")
    work.execute("create table forbidden_merges (left_unit integer, right_unit integer, kept_apart_by varchar)")
    work.execute(f"create table mergeable_pairs as {_MERGEABLE_SQL}")
    work.execute("create table dirty_clusters as select distinct cluster from unit_clusters")
    merged = 0
    for _ in range(_ROUNDS):
        weigh_cluster_pairs(work, model, limits)
        if score_missing_pairs(work, model, threshold - _MAX_MISSING_WEIGHT, limits):
            weigh_cluster_pairs(work, model, limits)
        work.execute(f"insert into forbidden_merges {_CANNOT_LINK_SQL}")
        found = _merge_best(work, model, threshold, limits)
        merged += found
        if not found:
            break
    work.execute(f"insert into kept_apart {_KEPT_APART_SQL}", {"threshold": threshold})
    return merged


# The pairs whose clusters may be merged; most pairs of a block are strangers, who share no neighbourhood
_MERGEABLE_SQL = """
    with mergeable_units as (
        select unit, cluster, neighbourhood
        from units
        inner join unit_clusters using (unit)
        inner join neighbourhoods using (unit)
        where not is_sparse or unit in (select sparse_unit from identifier_assignments)
    ),

    -- materialized, because otherwise the planner joins whole neighbourhoods with themselves
    with_left as materialized (
        select weighed_pairs.*, cluster, neighbourhood from weighed_pairs inner join mergeable_units on left_unit = unit
    )

    select with_left.* exclude (cluster, neighbourhood)
    from with_left
    inner join mergeable_units as r
        on right_unit = unit and with_left.neighbourhood = r.neighbourhood and with_left.cluster <> r.cluster
"""

# Clusters change their names when they grow, so that these are looked up in each round
_CANNOT_LINK_SQL = """
    select distinct least(l.cluster, r.cluster), greatest(l.cluster, r.cluster), decision
    from override_pairs
    inner join unit_clusters as l on left_unit = l.unit
    inner join unit_clusters as r on right_unit = r.unit
    where decision = 'cannot_link'
"""


def _merge_best(work: duckdb.DuckDBPyConnection, model: TrainedModel, threshold: float, limits: Limits) -> int:
    create_ambiguous_merges(work, limits)
    # what two different given names weigh against two members of one household
    doubt = -min(household_weight(model, "given_name", "different"), 0)
    weights = {"threshold": threshold, "doubt": doubt}
    work.execute(f"create or replace table chosen_merges as {_CHOSEN_SQL}", weights)
    forbidden = _over_limit(work, limits)
    if forbidden:
        work.executemany("insert into forbidden_merges values (?, ?, ?)", forbidden)
    work.execute(
        "delete from chosen_merges where (one, other) in (select (left_unit, right_unit) from forbidden_merges)"
    )
    work.execute(f"insert into merged_pairs {_MERGED_PAIRS_SQL}")
    work.execute("create or replace table dirty_clusters as select unnest([one, other]) as cluster from chosen_merges")
    _relabel_merged(work)
    return int(work.execute("select count(*) from chosen_merges").fetchall()[0][0]) + len(forbidden)


# Pairs of clusters of which each is the other's best match. One record may have another's name by mistake; where
# several records have one given name and several the other, the difference counts twice: a couple may share all else
_CHOSEN_SQL = f"""
    with surely_named as (
        select cluster
        from unit_clusters
        inner join units using (unit)
        where cluster in (select unnest([left_unit, right_unit]) from weighed_clusters where match_weight >= $threshold)
            and length(given_name) > 1
        group by cluster
        having count(*) > 1
    ),

    either as (
        select left_unit as one, right_unit as other, match_weight
        from weighed_clusters
        anti join forbidden_merges using (left_unit, right_unit)
        anti join ambiguous_merges using (left_unit, right_unit)
        where match_weight >= $threshold + if(
            {CONFLICT} and left_unit in (from surely_named) and right_unit in (from surely_named), $doubt, 0)
    ),

    both_ways as (
        select * from either
        union all
        select other, one, match_weight from either
    ),

    best as (
        select
            one,
            first(other order by match_weight desc, other) as other,
            max(match_weight) as cluster_weight
        from both_ways
        group by one
    )

    select best.one, best.other, best.cluster_weight
    from best
    inner join best as mutual on best.other = mutual.one and mutual.other = best.one
    where best.one < best.other
    order by best.one
"""

_MERGED_PAIRS_SQL = """
    select left_unit, right_unit, cluster_weight
    from mergeable_pairs
    inner join unit_clusters as l on left_unit = l.unit
    inner join unit_clusters as r on right_unit = r.unit
    inner join chosen_merges on one = least(l.cluster, r.cluster) and other = greatest(l.cluster, r.cluster)
    qualify row_number() over (partition by one, other order by match_weight desc, left_unit, right_unit) = 1
"""


# A cluster that grew has another name, but still contains the unit that it was named after
_KEPT_APART_SQL = """
    with forbidden as (
        select l.cluster as one, r.cluster as other, min(forbidden_merges.kept_apart_by) as kept_apart_by
        from forbidden_merges
        inner join unit_clusters as l on left_unit = l.unit
        inner join unit_clusters as r on right_unit = r.unit
        group by one, other
    )

    select
        weighed_pairs.left_unit,
        weighed_pairs.right_unit,
        case
            when forbidden.one is not null then forbidden.kept_apart_by
            when ambiguous.left_unit is not null then 'fits_two_people'
            else 'conflicting_evidence'
        end
    from weighed_pairs
    inner join units as lu on weighed_pairs.left_unit = lu.unit
    inner join units as ru on weighed_pairs.right_unit = ru.unit
    inner join unit_clusters as l on weighed_pairs.left_unit = l.unit
    inner join unit_clusters as r on weighed_pairs.right_unit = r.unit and l.cluster <> r.cluster
    anti join kept_apart
        on weighed_pairs.left_unit = kept_apart.left_unit and weighed_pairs.right_unit = kept_apart.right_unit
    left join forbidden on least(l.cluster, r.cluster) = one and greatest(l.cluster, r.cluster) = other
    left join ambiguous_merges as ambiguous
        on least(l.cluster, r.cluster) = ambiguous.left_unit and greatest(l.cluster, r.cluster) = ambiguous.right_unit
    where weighed_pairs.match_weight >= $threshold and not lu.is_sparse and not ru.is_sparse
"""


def _over_limit(work: duckdb.DuckDBPyConnection, limits: Limits) -> list[tuple[int, int, str]]:
    work.execute("create or replace view merging_clusters as select unnest([one, other]) as cluster from chosen_merges")
    broken_limit = limit_check(work, limits, "merging_clusters")
    rows = work.execute(
        """
        with sides as (select one, other, unnest([one, other]) as cluster from chosen_merges)

        select one, other, list(unit)
        from sides
        inner join unit_clusters using (cluster)
        group by one, other
        """
    ).fetchall()
    return [(one, other, limit) for one, other, units in rows if (limit := broken_limit(units))]


def _relabel_merged(work: duckdb.DuckDBPyConnection) -> None:
    # each cluster is in one of the pairs at most, and the first of a pair has the smaller number
    work.execute(
        """
        create or replace table unit_clusters as
        select unit, coalesce(one, cluster) as cluster
        from unit_clusters
        left join chosen_merges on cluster = other
        """
    )
