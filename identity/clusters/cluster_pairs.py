"""Pairs of clusters: each cluster is weighed as one person who has all the values of its records."""

import math

import duckdb

from identity.clusters.repeated_differences import contacts, repeated_differences
from identity.limits import Limits, threshold_weight
from identity.model.comparison import Comparison
from identity.model.levels import level_is
from identity.model.trained_model import TrainedModel, comparisons_of, term_frequency_columns
from identity.scoring.match_weights import create_weighed_pairs, level_weight
from identity.scoring.scoring import score_pairs


def weigh_cluster_pairs(work: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits) -> None:
    """Bring `weighed_clusters` up to date: one row per pair of clusters that `mergeable_pairs` connects.

    Its columns are those of `weighed_pairs`, with clusters as left_unit and right_unit. A comparison counts by its best
    level, reduced by the number of value pairs that had a chance to agree; contacts that differ in all of several
    records count by `identity.clusters.repeated_differences`. Only pairs with a cluster of table `dirty_clusters`
    (cluster) are weighed again; between two others nothing changed.

    Args:
        work: the workspace, with `mergeable_pairs`, `unit_clusters`, `units` and `dirty_clusters`.
        model: the model that weighs the pairs.
        limits: pairs of clusters without any pair of records at tie_probability or above are left out.
    """
    work.execute(f"create or replace table scored_clusters as {_scored_clusters_sql(model, limits)}")
    work.execute("drop table if exists weighed_dirty_clusters")
    create_weighed_pairs(work, model, "scored_clusters", "weighed_dirty_clusters", "repeated_difference")
    work.execute(
        """
        create table if not exists weighed_clusters as select * from weighed_dirty_clusters limit 0;
        delete from weighed_clusters where left_unit in (from dirty_clusters) or right_unit in (from dirty_clusters);
        insert into weighed_clusters select * from weighed_dirty_clusters
        """
    )


def _scored_clusters_sql(model: TrainedModel, limits: Limits) -> str:
    best, counts, trials, weight = _cluster_terms(model)
    return f"""
        with between as (
            select
                least(l.cluster, r.cluster) as left_unit,
                greatest(l.cluster, r.cluster) as right_unit,
                {", ".join(best)}
            from mergeable_pairs
            inner join unit_clusters as l on mergeable_pairs.left_unit = l.unit
            inner join unit_clusters as r on mergeable_pairs.right_unit = r.unit
            where l.cluster <> r.cluster and (l.cluster in (from dirty_clusters) or r.cluster in (from dirty_clusters))
            group by 1, 2
            having max(match_weight) >= {threshold_weight(limits.tie_probability)}
        ),

        -- most clusters are one unit, which has one value of each: counting all would take twice as long
        larger as (select distinct cluster from unit_clusters where unit <> cluster),

        value_counts as (
            select cluster, {counts}
            from unit_clusters
            semi join larger using (cluster)
            inner join units using (unit)
            where cluster in (select unnest([left_unit, right_unit]) from between)
            group by cluster
        ),

        counted as (
            select between.*, {trials}, {repeated_differences(model)} as repeated_difference
            from between
            left join value_counts as lc on left_unit = lc.cluster
            left join value_counts as rc on right_unit = rc.cluster
        )

        select
            *,
            {math.log2(model.prior / (1 - model.prior))} + {weight} + repeated_difference as stranger_weight
        from counted
    """


def _cluster_terms(model: TrainedModel) -> tuple[list[str], str, str, str]:
    """SQL of a cluster pair's best levels, of a cluster's values, of a pair's trials, and of its weight."""
    compared = comparisons_of(model.parameters)
    best = [f"{_best(c)} as gamma_{c.name}" for c in compared]
    best += [f"max(rarity_{column}) as rarity_{column}" for column in term_frequency_columns(model.parameters)]
    weight = " + ".join(_bounded_weight(model, c) for c in compared)
    counts = ", ".join(f"greatest(count(distinct {c.column}), 1) as {c.name}_count" for c in compared)
    counts += ", " + ", ".join(f"count({c.column}) as {c.name}_holders" for c in contacts(model))
    trials = ", ".join(
        f"log2(coalesce(lc.{c.name}_count, 1) * coalesce(rc.{c.name}_count, 1)) as {c.name}_trials" for c in compared
    )
    return best, counts, trials, weight


def _best(compared: Comparison) -> str:
    if compared.name != "given_name":
        return f"max(gamma_{compared.name})"
    # an initial fits many names, so it counts only where no two full names could be compared
    initial = level_is("given_name", "initial")
    return f"coalesce(max(gamma_given_name) filter (gamma_given_name >= 0 and not {initial}), max(gamma_given_name))"


def _bounded_weight(model: TrainedModel, compared: Comparison) -> str:
    rarities = [f"rarity_{column}" for column in compared.term_frequency_columns]
    weight = " + ".join([level_weight(model, compared.name, "u"), *rarities])
    # the best of so many trials agrees by chance so many times as often
    return f"if({weight} > 0, greatest({weight} - {compared.name}_trials, 0), {weight})"


def score_missing_pairs(work: duckdb.DuckDBPyConnection, model: TrainedModel, min_weight: float, limits: Limits) -> int:
    """Score the pairs of units that were never compared between two clusters that are likely to be merged.

    Creates table `between_pairs`, adds its pairs to `weighed_pairs` and `mergeable_pairs`, and leaves their clusters in
    table `dirty_clusters`.

    Args:
        work: the workspace, with `weighed_clusters`, `weighed_pairs`, `mergeable_pairs` and `unit_clusters`.
        model: the model that scores the pairs.
        min_weight: the weight (bits) of a pair of clusters from which on its pairs of units are scored.
        limits: two clusters with more units together than records_per_component are left out.

    Returns:
        The number of pairs of units that were scored.
    """
    work.execute(
        f"create or replace table between_pairs as {_BETWEEN_SQL}",
        {"min_weight": min_weight, "limit": limits.records_per_component},
    )
    count = work.execute("select count(*) from between_pairs").fetchall()[0][0]
    if count:
        work.execute("drop table if exists scored_between_pairs; drop table if exists weighed_between_pairs")
        score_pairs(work, model, "between_pairs")
        create_weighed_pairs(work, model, "scored_between_pairs", "weighed_between_pairs")
        for pairs in ("weighed_pairs", "mergeable_pairs"):
            work.execute(f"insert into {pairs} select * from weighed_between_pairs")
        work.execute(
            """
            create or replace table dirty_clusters as
            select distinct cluster
            from unit_clusters
            where unit in (select unnest([join_key_l, join_key_r]) from between_pairs)
            """
        )
    return int(count)


# The pairs of units between two likely clusters that were not compared yet
_BETWEEN_SQL = """
    with likely as (select left_unit as l, right_unit as r from weighed_clusters where match_weight >= $min_weight),
    sizes as (select cluster, count(*) as n from unit_clusters group by cluster),
    inside as (
        select least(lu.unit, ru.unit) as left_unit, greatest(lu.unit, ru.unit) as right_unit
        from likely
        inner join unit_clusters as lu on lu.cluster = l
        inner join unit_clusters as ru on ru.cluster = r
        inner join sizes as ln on ln.cluster = l
        inner join sizes as rn on rn.cluster = r
        where ln.n + rn.n <= $limit
    )
    select left_unit as join_key_l, right_unit as join_key_r, 'same_component' as match_key
    from inside
    anti join weighed_pairs using (left_unit, right_unit)
"""
