"""The results of a resolution: the clusters of the records and the edges that explain them."""

import duckdb
import pyarrow as pa

from identity.limits import Limits, threshold_weight
from identity.model.levels import levels_json
from identity.model.trained_model import TrainedModel
from identity.schemas import CLUSTERS, OUTPUT_SCHEMAS


def create_record_clusters(work: duckdb.DuckDBPyConnection) -> None:
    """Create table `record_clusters` (record, cluster): one row per record; records of separated units stay apart."""
    work.execute(
        """
        create table record_clusters as
        select
            record,
            if(separated_units.unit is null, cluster, record) as cluster
        from unit_members
        inner join unit_clusters using (unit)
        left join separated_units using (unit)
        order by record
        """
    )


def edges_table(work: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits) -> pa.Table:
    """One row per pair of records that is linked, or likely enough to be reviewed; creates table `edges`.

    Exact duplicates are linked with the first record of their unit; that record represents the unit in other edges.

    Args:
        work: the workspace, with the tables of a decision; see identity.work_tables.
        model: the model whose comparison levels and version the edges name.
        limits: the thresholds of a link and of a review.

    Returns:
        The edges in the shape of OUTPUT_SCHEMAS['match_edges'], in the order of their records.
    """
    work.execute(f"create table edges as {_edges_sql(model, limits)}")
    found = work.execute(_NAMED_EDGES_SQL, {"version": model.version}).to_arrow_table()
    return found.cast(OUTPUT_SCHEMAS["match_edges"])


def _edges_sql(model: TrainedModel, limits: Limits) -> str:
    return f"""
        with rules as ({_rules_sql(limits)}),

        assigned as ({_ASSIGNED_SQL}),

        pairs as (
            select
                left_unit as left_record,
                right_unit as right_record,
                coalesce(reason, 'probabilistic_match') as reason,
                if(reason is null, round(1 / (1 + pow(2, -match_weight)), 6), probability) as match_probability,
                match_weight,
                {levels_json(model.parameters)} as comparison_levels,
                reason is not null
                    or match_weight >= {threshold_weight(limits.link_probability)}
                    or assigned.left_unit is not null as may_link
            from weighed_pairs
            left join rules using (left_unit, right_unit)
            left join assigned using (left_unit, right_unit)
            where reason is not null
                or match_weight >= {threshold_weight(limits.review_probability)}
                or assigned.left_unit is not null
                or (left_unit, right_unit) in (select (left_unit, right_unit) from override_pairs)
            union all
            select unit, record, 'exact_duplicate', 1.0, null, null, true
            from unit_members
            where unit <> record
        )

        select
            pairs.*,
            may_link and l.cluster = r.cluster as is_used,
            if(l.cluster = r.cluster, null, kept_apart_by) as kept_apart_by
        from pairs
        left join kept_apart on left_record = left_unit and right_record = right_unit
        inner join record_clusters as l on left_record = l.record
        inner join record_clusters as r on right_record = r.record
    """


def _rules_sql(limits: Limits) -> str:
    # merged clusters that a pair of their records links by itself need no other pair to represent the merge
    return f"""
        select left_unit, right_unit, reason, 1.0 as probability from deterministic_pairs
        union all
        select left_unit, right_unit, 'joined_clusters', round(1 / (1 + pow(2, -cluster_weight)), 6)
        from merged_pairs
        inner join weighed_pairs using (left_unit, right_unit)
        anti join deterministic_pairs using (left_unit, right_unit)
        where match_weight < {threshold_weight(limits.link_probability)}
    """


# The links of sparse units with the cluster that they are assigned to
_ASSIGNED_SQL = """
    select distinct least(sparse_unit, other_unit) as left_unit, greatest(sparse_unit, other_unit) as right_unit
    from sparse_links
    inner join record_clusters as l on sparse_unit = l.record
    inner join record_clusters as r on other_unit = r.record and l.cluster = r.cluster
"""

_NAMED_EDGES_SQL = """
select
    l.person_record_id as person_record_id_left,
    r.person_record_id as person_record_id_right,
    reason,
    match_probability,
    match_weight,
    comparison_levels,
    cast($version as varchar) as model_version,
    is_used,
    kept_apart_by
from edges
inner join unit_members as l on left_record = l.record
inner join unit_members as r on right_record = r.record
order by left_record, right_record
"""


def clusters_table(work: duckdb.DuckDBPyConnection) -> pa.Table:
    """One row per person record: its cluster, named after the cluster's first record, and its strongest used edge."""
    found = work.execute(
        """
        with used as (
            select left_record as record, reason, match_probability, match_weight from edges where is_used
            union all
            select right_record, reason, match_probability, match_weight from edges where is_used
        ),

        strongest as (
            select record, reason, match_probability
            from used
            qualify row_number() over (
                partition by record order by match_probability desc, match_weight desc nulls last, reason
            ) = 1
        ),

        named as (
            select record, min(record) over (partition by cluster) as first_record from record_clusters
        )

        select
            members.person_record_id,
            firsts.person_record_id as cluster_id,
            coalesce(strongest.reason, 'only_record') as link_reason,
            strongest.match_probability
        from named
        inner join unit_members as members using (record)
        inner join unit_members as firsts on first_record = firsts.record
        left join strongest on named.record = strongest.record
        order by named.record
        """
    ).to_arrow_table()
    return found.cast(CLUSTERS)
