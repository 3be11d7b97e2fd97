"""From weighed pairs to the first cluster of each unit that is not sparse."""

import duckdb
import numpy as np
import pyarrow as pa

from identity.clusters.correlation_clustering import divide
from identity.clusters.profile_limits import create_limit_candidates, limit_check
from identity.graph import connected_components
from identity.limits import Limits, threshold_weight
from identity.model.levels import level_is
from identity.model.trained_model import TrainedModel
from identity.scoring.match_weights import create_weighed_pairs
from identity.scoring.scoring import score_pairs

# A strong identifier without conflict is worth at least this many bits
_DETERMINISTIC_WEIGHT = 10.0

# Pairs this likely are clustered first; the clusters are then compared on all their values and merged best-first
SURE_PROBABILITY = 0.99


def cluster_units(work: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits) -> dict[str, int]:
    """Create table `unit_clusters` (unit, cluster): one row per unit, with the smallest unit of its cluster.

    Also creates `kept_apart` (see _store_reasons), and adds the pairs that are scored for division to `weighed_pairs`.
    Sparse units (neither given name nor date of birth) stay alone here: one of them would connect a whole household.

    Args:
        work: the workspace, with `units`, `weighed_pairs`, `deterministic_pairs` and `override_pairs`.
        model: the model that scores further pairs.
        limits: the link threshold, the size up to which a component is scored in full, and the limits of one profile.

    Returns:
        Counts by name: components_divided; components_over_limit, which were too large to have all pairs scored.
    """
    threshold = threshold_weight(max(SURE_PROBABILITY, limits.link_probability))
    work.execute(f"create table links as {_LINKS_SQL}", {"threshold": threshold})
    _store_labels(work, _components(work))
    too_large = _complete_components(work, model, limits)
    divided = _divide_conflicting(work, threshold, limits)
    return {"components_divided": divided, "components_over_limit": too_large}


# A unit that matches two people of different dates of birth (father and son of one name) about equally well is an
# ambiguous match: it waits, too, until whole clusters are compared
_LINKS_SQL = f"""
    -- a must_link joins whole clusters, when evidence has made them
    with rule_pairs as (from deterministic_pairs anti join override_pairs using (left_unit, right_unit)),

    sure as (
        select left_unit, right_unit, match_weight, reason
        from weighed_pairs
        left join rule_pairs using (left_unit, right_unit)
        anti join (from override_pairs where decision = 'cannot_link') using (left_unit, right_unit)
        inner join units as l on left_unit = l.unit
        inner join units as r on right_unit = r.unit
        where (match_weight >= $threshold or reason is not null) and not l.is_sparse and not r.is_sparse
    ),

    two_people as (
        select left_unit as one, right_unit as other from weighed_pairs where {level_is("date_of_birth", "different")}
        union all
        select right_unit, left_unit from weighed_pairs where {level_is("date_of_birth", "different")}
    ),

    matches as (
        select left_unit as unit, right_unit as candidate, match_weight from sure where reason is null
        union all
        select right_unit, left_unit, match_weight from sure where reason is null
    ),

    ambiguous as (
        select
            least(matches.unit, matches.candidate) as left_unit,
            greatest(matches.unit, matches.candidate) as right_unit
        from two_people
        inner join matches on one = matches.candidate
        inner join matches as alternative on other = alternative.candidate and matches.unit = alternative.unit
        where matches.match_weight - log2(1 + pow(2, alternative.match_weight)) < $threshold
    )

    select left_unit, right_unit from sure anti join ambiguous using (left_unit, right_unit)
"""


def _components(work: duckdb.DuckDBPyConnection) -> pa.Table:
    count = work.execute("select coalesce(max(unit), -1) + 1 from units").fetchall()[0][0]
    links = work.execute("select left_unit, right_unit from links").fetchnumpy()
    labels = connected_components(count, links["left_unit"], links["right_unit"])
    return pa.table({"unit": pa.array(np.arange(count, dtype=np.int32)), "cluster": pa.array(labels, pa.int32())})


def _store_labels(work: duckdb.DuckDBPyConnection, labels: pa.Table) -> None:
    work.register("labels_arrow", labels)
    work.execute(
        """
        create or replace table unit_clusters as
        select unit, cluster from units inner join labels_arrow using (unit) order by unit
        """
    )
    work.unregister("labels_arrow")


def _complete_components(work: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits) -> int:
    work.execute(
        """
        create table missing_pairs as
        with sizes as (select cluster, count(*) as unit_count from unit_clusters group by cluster),

        inside as (
            select l.unit as left_unit, r.unit as right_unit
            from unit_clusters as l
            inner join unit_clusters as r on l.cluster = r.cluster and l.unit < r.unit
            inner join sizes on l.cluster = sizes.cluster
            where unit_count between 3 and $limit
        )

        select left_unit as join_key_l, right_unit as join_key_r, 'same_component' as match_key
        from inside
        anti join weighed_pairs using (left_unit, right_unit)
        """,
        {"limit": limits.records_per_component},
    )
    score_pairs(work, model, "missing_pairs")
    create_weighed_pairs(work, model, "scored_missing_pairs", "weighed_missing_pairs")
    work.execute("insert into weighed_pairs select * from weighed_missing_pairs")
    over = "select count(*) from (select 1 from unit_clusters group by cluster having count(*) > $limit)"
    return int(work.execute(over, {"limit": limits.records_per_component}).fetchall()[0][0])


def _divide_conflicting(work: duckdb.DuckDBPyConnection, threshold: float, limits: Limits) -> int:
    create_limit_candidates(work, limits)
    work.execute(f"create table inner_pairs as {_inner_pairs_sql(threshold)}")
    work.execute(
        """
        create table clusters_to_divide as
        select cluster from limit_candidates
        union
        select cluster from inner_pairs where weight < 0
        """
    )
    rows = work.execute(
        """
        select cluster, left_unit, right_unit, weight
        from inner_pairs
        where cluster in (select cluster from clusters_to_divide)
        order by cluster, left_unit, right_unit
        """
    ).fetchall()
    components: dict[int, dict[tuple[int, int], float]] = {}
    for cluster, left, right, weight in rows:
        components.setdefault(cluster, {})[left, right] = weight
    broken_limit = limit_check(work, limits, "clusters_to_divide")
    labels: dict[int, int] = {}
    apart: dict[tuple[int, int], str] = {}
    divided = 0
    for weights in components.values():
        found = divide({node for pair in weights for node in pair}, weights, broken_limit)
        divided += len(set(found.clusters.values())) > 1
        labels |= found.clusters
        apart |= found.kept_apart
    _relabel(work, labels)
    _store_reasons(work, apart)
    return divided


def _inner_pairs_sql(threshold: float) -> str:
    return f"""
        select
            l.cluster,
            left_unit,
            right_unit,
            case
                when override_pairs.decision = 'cannot_link' then cast('-infinity' as double)
                when reason is not null and override_pairs.decision is null then {_DETERMINISTIC_WEIGHT}
                when match_weight >= {threshold} then round(match_weight - {threshold} + 0.0001, 4)
                else round(conflict_weight, 4)
            end as weight
        from weighed_pairs
        inner join unit_clusters as l on left_unit = l.unit
        inner join unit_clusters as r on right_unit = r.unit and l.cluster = r.cluster
        left join deterministic_pairs using (left_unit, right_unit)
        left join override_pairs using (left_unit, right_unit)
    """


def _store_reasons(work: duckdb.DuckDBPyConnection, apart: dict[tuple[int, int], str]) -> None:
    """Create table `kept_apart` (left_unit, right_unit, kept_apart_by): one row per pair kept apart, and why."""
    work.register(
        "broken_limits_arrow",
        pa.table(
            {
                "one": pa.array([one for pair in apart for one in pair], pa.int32()),
                "other": pa.array([other for pair in apart for other in reversed(pair)], pa.int32()),
                "limit": pa.array([limit for limit in apart.values() for _ in range(2)], pa.string()),
            }
        ),
    )
    work.execute(
        """
        create table kept_apart as
        select left_unit, right_unit, coalesce("limit", 'conflicting_evidence') as kept_apart_by
        from links
        inner join unit_clusters as l on left_unit = l.unit
        inner join unit_clusters as r on right_unit = r.unit
        left join broken_limits_arrow on l.cluster = one and r.cluster = other
        where l.cluster <> r.cluster
        union all
        select left_unit, right_unit, decision from override_pairs where decision = 'cannot_link'
        """
    )
    work.unregister("broken_limits_arrow")


def _relabel(work: duckdb.DuckDBPyConnection, labels: dict[int, int]) -> None:
    work.register(
        "new_labels_arrow",
        pa.table(
            {
                "unit": pa.array(list(labels.keys()), pa.int32()),
                "new_cluster": pa.array(list(labels.values()), pa.int32()),
            }
        ),
    )
    work.execute(
        """
        create or replace table unit_clusters as
        select unit, coalesce(new_cluster, cluster) as cluster
        from unit_clusters
        left join new_labels_arrow using (unit)
        order by unit
        """
    )
    work.unregister("new_labels_arrow")
