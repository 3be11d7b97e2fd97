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
from identity.linking import score_pairs
from identity.model import TrainedModel, comparisons_of, term_frequency_columns
from identity.protection import limit_check

_ROUNDS = 6

# Cluster pairs whose known pairs of records add up to less than this many bits under the threshold are not completed
_PROMISING = 4.0


def join_clusters(work: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits) -> int:
    """Join clusters of `unit_clusters` that are one person by all their records; return the number of joins.

    In each round two clusters join when each is the other's best and their weight is at the link threshold or above.
    Creates table `joined_pairs` (left_unit, right_unit, cluster_weight): of each join the pair of units that agrees
    most, which stands for it, and the weight of all records of the two clusters.
    """
    threshold = threshold_weight(limits.link_probability)
    work.execute("create table joined_pairs (left_unit integer, right_unit integer, cluster_weight double)")
    work.execute("create table forbidden_joins (left_unit integer, right_unit integer)")
    joined = 0
    for _ in range(_ROUNDS):
        _create_cluster_pairs(work, model, limits)
        if _complete(work, model, threshold - _PROMISING, limits):
            _create_cluster_pairs(work, model, limits)
        work.execute(f"insert into forbidden_joins {_CANNOT_LINK_SQL}")
        found = _join_best(work, threshold, limits)
        joined += found
        if not found:
            break
    return joined


# Clusters change their names when they grow, so that these are asked for in each round
_CANNOT_LINK_SQL = """
    select distinct least(l.cluster, r.cluster), greatest(l.cluster, r.cluster)
    from override_pairs
    inner join unit_clusters as l on left_unit = l.unit
    inner join unit_clusters as r on right_unit = r.unit
    where decision = 'cannot_link'
"""


def _create_cluster_pairs(work: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits) -> None:
    compared = comparisons_of(model.parameters)
    rare = term_frequency_columns(model.parameters)
    best = [f"max(gamma_{c.name}) as gamma_{c.name}" for c in compared] + [
        f"max(rarity_{column}) as rarity_{column}" for column in rare
    ]
    weight = " + ".join(_bounded_weight(model, c) for c in compared)
    counts = ", ".join(f"greatest(count(distinct {c.column}), 1) as {c.name}_count" for c in compared)
    trials = ", ".join(f"log2(lc.{c.name}_count * rc.{c.name}_count) as {c.name}_trials" for c in compared)
    prior, least_tie = math.log2(model.prior / (1 - model.prior)), threshold_weight(limits.tie_probability)
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
            -- only what a neighbourhood holds together may be joined; see identity.neighbourhoods
            having max(match_weight) >= {least_tie}
        )

        select * from (
        select between.*, {prior} + {weight} as stranger_weight
        from (select between.*, {trials}
            from between
            inner join value_counts as lc on left_unit = lc.cluster
            inner join value_counts as rc on right_unit = rc.cluster) as between)
        """
    )
    work.execute("drop table if exists weighed_clusters")
    create_weighed_pairs(work, model, "scored_clusters", "weighed_clusters")


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


def _join_best(work: duckdb.DuckDBPyConnection, threshold: float, limits: Limits) -> int:
    work.execute(f"create or replace table chosen_joins as {_CHOSEN_SQL}", {"threshold": threshold})
    forbidden = _over_limit(work, limits)
    if forbidden:
        work.executemany("insert into forbidden_joins values (?, ?)", forbidden)
    work.execute("delete from chosen_joins where (one, other) in (select (left_unit, right_unit) from forbidden_joins)")
    work.execute(f"insert into joined_pairs {_JOINED_PAIRS_SQL}")
    _relabel_joined(work)
    return int(work.execute("select count(*) from chosen_joins").fetchall()[0][0]) + len(forbidden)


# Pairs of clusters of which each is the other's best
_CHOSEN_SQL = """
    with either as (
        select left_unit as one, right_unit as other, match_weight
        from weighed_clusters
        anti join forbidden_joins using (left_unit, right_unit)
        where match_weight >= $threshold
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

_JOINED_PAIRS_SQL = """
    select left_unit, right_unit, cluster_weight
    from weighed_pairs
    inner join unit_clusters as l on left_unit = l.unit
    inner join unit_clusters as r on right_unit = r.unit
    inner join chosen_joins on one = least(l.cluster, r.cluster) and other = greatest(l.cluster, r.cluster)
    inner join units as lu on left_unit = lu.unit
    inner join units as ru on right_unit = ru.unit
    where not lu.is_bare and not ru.is_bare
    qualify row_number() over (partition by one, other order by match_weight desc, left_unit, right_unit) = 1
"""


def _over_limit(work: duckdb.DuckDBPyConnection, limits: Limits) -> list[tuple[int, int]]:
    work.execute("create or replace view joining as select unnest([one, other]) as cluster from chosen_joins")
    broken_limit = limit_check(work, limits, "joining")
    rows = work.execute(
        """
        select one, other, list(unit)
        from chosen_joins
        inner join unit_clusters on cluster in (one, other)
        group by one, other
        """
    ).fetchall()
    return [(one, other) for one, other, units in rows if broken_limit(units)]


def _relabel_joined(work: duckdb.DuckDBPyConnection) -> None:
    chosen = work.execute("select one, other from chosen_joins").fetchnumpy()
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
