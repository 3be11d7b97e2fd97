"""Clusters joined with clusters: what several records of a person say together, no single pair of them says.

Each cluster is compared as one person who has all the values of its records: a comparison counts by the best level that
any record of the one reaches with any record of the other. A person who moved and married is known by the
records that hold the old address with the new name; a conflict remains a conflict when no value at all agrees.
"""

import math

import duckdb
import pyarrow as pa

from identity.clustering import connected_components
from identity.comparisons import Comparison
from identity.components import threshold_weight
from identity.household import create_weighed_pairs, level_weight
from identity.limits import Limits
from identity.linking import level_is, score_pairs
from identity.model import TrainedModel, comparisons_of, term_frequency_columns

_ROUNDS = 6

# Cluster pairs whose known pairs of records add up to less than this many bits under the threshold are not completed
_PROMISING = 4.0


def join_clusters(work: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits) -> int:
    """Join clusters of `unit_clusters` that are one person by all their records; return the number of joins.

    In each round two clusters join when each is the other's best and their weight is at the link threshold or above.
    """
    threshold = threshold_weight(limits.link_probability)
    joined = 0
    for _ in range(_ROUNDS):
        _create_cluster_pairs(work, model)
        if _complete(work, model, threshold - _PROMISING, limits):
            _create_cluster_pairs(work, model)
        found = _join_best(work, threshold)
        joined += found
        if not found:
            break
    return joined


def _create_cluster_pairs(work: duckdb.DuckDBPyConnection, model: TrainedModel) -> None:
    compared = comparisons_of(model.parameters)
    best = [f"{_best(c)} as gamma_{c.name}" for c in compared]
    best += [f"max(rarity_{column}) as rarity_{column}" for column in term_frequency_columns(model.parameters)]
    weight = " + ".join(_bounded_weight(model, c) for c in compared)
    counts = ", ".join(f"greatest(count(distinct {c.column}), 1) as {c.name}_count" for c in compared)
    trials = ", ".join(f"log2(lc.{c.name}_count * rc.{c.name}_count) as {c.name}_trials" for c in compared)
    work.execute(
        f"""
        create or replace table scored_clusters as
        with value_counts as (
            select cluster, {counts} from unit_clusters inner join units using (unit) group by cluster
        ),

        between as (
            select
                least(l.cluster, r.cluster) as left_unit,
                greatest(l.cluster, r.cluster) as right_unit,
                {", ".join(best)}
            from weighed_pairs
            inner join unit_clusters as l on weighed_pairs.left_unit = l.unit
            inner join unit_clusters as r on weighed_pairs.right_unit = r.unit
            inner join units as lu on l.unit = lu.unit
            inner join units as ru on r.unit = ru.unit
            where l.cluster <> r.cluster and not lu.is_bare and not ru.is_bare
            group by 1, 2
        ),

        counted as (
            select between.*, {trials}
            from between
            inner join value_counts as lc on left_unit = lc.cluster
            inner join value_counts as rc on right_unit = rc.cluster
        )

        select *, {math.log2(model.prior / (1 - model.prior))} + {weight} as stranger_weight from counted
        """
    )
    work.execute("drop table if exists weighed_clusters")
    create_weighed_pairs(work, model, "scored_clusters", "weighed_clusters")


def _best(compared: Comparison) -> str:
    if compared.name != "given_name":
        return f"max(gamma_{compared.name})"
    # an initial fits many names, so it counts only where no two full names could be compared
    initial = level_is("given_name", "initial")
    return f"coalesce(max(gamma_given_name) filter (gamma_given_name >= 0 and not {initial}), max(gamma_given_name))"


def _bounded_weight(model: TrainedModel, compared: Comparison) -> str:
    rarities = [f"rarity_{level.term_frequency_column}" for level in compared.levels if level.term_frequency_column]
    weight = " + ".join([level_weight(model, compared.name, "u"), *rarities])
    # the best of so many trials agrees by chance so many times as often
    return f"if({weight} > 0, greatest({weight} - {compared.name}_trials, 0), {weight})"


def _complete(work: duckdb.DuckDBPyConnection, model: TrainedModel, least: float, limits: Limits) -> int:
    work.execute(
        """
        create or replace table between_pairs as
        with promising as (select left_unit as l, right_unit as r from weighed_clusters where match_weight >= $least),
        sizes as (select cluster, count(*) as n from unit_clusters group by cluster),
        inside as (
            select least(lu.unit, ru.unit) as left_unit, greatest(lu.unit, ru.unit) as right_unit
            from promising
            inner join unit_clusters as lu on lu.cluster = l
            inner join unit_clusters as ru on ru.cluster = r
            inner join sizes as ln on ln.cluster = l
            inner join sizes as rn on rn.cluster = r
            where ln.n + rn.n <= $limit
        )
        select left_unit as join_key_l, right_unit as join_key_r, 'same_component' as match_key
        from inside
        anti join weighed_pairs using (left_unit, right_unit)
        """,
        {"least": least, "limit": limits.records_per_component},
    )
    count = work.execute("select count(*) from between_pairs").fetchall()[0][0]
    if count:
        work.execute("drop table if exists scored_between_pairs; drop table if exists weighed_between_pairs")
        score_pairs(work, model, "between_pairs")
        create_weighed_pairs(work, model, "scored_between_pairs", "weighed_between_pairs")
        work.execute("insert into weighed_pairs select * from weighed_between_pairs")
    return int(count)


def _join_best(work: duckdb.DuckDBPyConnection, threshold: float) -> int:
    chosen = work.execute(
        """
        with either as (
            select left_unit as one, right_unit as other, match_weight from weighed_clusters
            where match_weight >= $threshold
            union all
            select right_unit, left_unit, match_weight from weighed_clusters where match_weight >= $threshold
        ),

        best as (
            select one, first(other order by match_weight desc, other) as other from either group by one
        )

        select a.one, a.other from best as a inner join best as b on a.other = b.one and b.other = a.one
        where a.one < a.other
        """,
        {"threshold": threshold},
    ).fetchnumpy()
    count = work.execute("select coalesce(max(unit), -1) + 1 from units").fetchall()[0][0]
    labels = connected_components(count, chosen["one"], chosen["other"])
    work.register(
        "joined_arrow",
        pa.table({"cluster": pa.array(range(count), pa.int32()), "joined": pa.array(labels, pa.int32())}),
    )
    work.execute(
        """
        create or replace table unit_clusters as
        select unit, joined as cluster from unit_clusters inner join joined_arrow using (cluster) order by unit
        """
    )
    work.unregister("joined_arrow")
    return len(chosen["one"])
