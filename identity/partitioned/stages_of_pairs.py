"""The stages from pairs to decisions: what one task makes of its partition. Arrow in, Arrow out; no engine is known.

Units are named by their key between tasks. Within a task they are numbered in the order of their first records, as in a
resolution of all records, so that left stays left and ties are broken alike.
"""

from pathlib import Path

import duckdb
import pyarrow as pa

from identity.clusters.neighbourhoods import ties_sql
from identity.decision import Clock, Resolution, decide
from identity.incremental.state import stored_records_sql
from identity.limits import Limits, threshold_weight
from identity.partitioned.task import Resources, StoredModel, fetched, open_task, put, signed, unsigned
from identity.prepare.overrides import create_overridden
from identity.prepare.units import with_parts
from identity.quality.figures import pairs_by_weight_sql
from identity.scoring.blocking import create_candidate_pairs
from identity.scoring.match_weights import create_weighed_pairs
from identity.scoring.scoring import score_pairs


def pairs_of(blocks: pa.Table, *, resources: Resources) -> pa.Table:
    """The pairs of units (one_key, other_key) that share a block, each once in here; local to a block."""
    with open_task(resources) as workspace:
        work = workspace.connection
        put(work, "numbers", blocks, _NUMBERS_SQL)
        put(work, "blocks", blocks, "select block, unit from rows inner join numbers using (unit_key)")
        put(work, "oversized_blocks", _NOTHING, "select '' as rule, cast(0 as bigint) as block from rows where false")
        put(work, "override_pairs", _NOTHING, "select 0 as left_unit, 0 as right_unit from rows where false")
        create_candidate_pairs(work)
        return fetched(
            work,
            """
            select l.unit_key as one_key, r.unit_key as other_key
            from candidate_pairs
            inner join numbers as l on join_key_l = l.unit
            inner join numbers as r on join_key_r = r.unit
            """,
        )


_NOTHING = pa.table({"nothing": pa.array([], pa.int32())})

# in the order of the keys: which is left is settled when the pair is scored
_NUMBERS_SQL = """
    select unit_key, cast(row_number() over (order by unit_key) - 1 as integer) as unit
    from (select distinct unit_key from rows)
"""


def ties_of(pairs: pa.Table, units: pa.Table, *, model: StoredModel, limits: Limits, resources: Resources) -> pa.Table:
    """The pairs (one_key, other_key) that belong to one neighbourhood, and the counts of all by weight.

    A row of a pair has no count. Local to a pair.

    Args:
        pairs: pairs of units; each pair is in one task.
        units: the units of these pairs, without members and blocks.
        model: the model that weighs them.
        limits: the thresholds of a neighbourhood.
        resources: what the task may use.

    Returns:
        Rows (one_key, other_key, weight, bits, pair_count), either the pair or the counts null.
    """
    with open_task(resources) as workspace:
        work = workspace.connection
        create_numbered_units(work, units)
        put(work, "candidate_pairs", pairs, _CANDIDATE_PAIRS_SQL)
        score_pairs(work, model.load(), "candidate_pairs")
        create_weighed_pairs(work, model.load(), "scored_candidate_pairs", "weighed_pairs")
        return fetched(
            work,
            f"""
            select
                l.unit_key as one_key,
                r.unit_key as other_key,
                -- a sparse record is tied by its weight against strangers alone
                if(match_weight >= {threshold_weight(limits.tie_probability)}, match_weight, stranger_weight) as weight,
                null as bits,
                null as pair_count
            from ({ties_sql(limits)}) as ties
            inner join weighed_pairs using (left_unit, right_unit)
            inner join keyed as l on left_unit = l.unit
            inner join keyed as r on right_unit = r.unit
            union all by name
            ({pairs_by_weight_sql("weighed_pairs")})
            """,
        )


_NUMBERED_UNITS_SQL = """
    select cast(row_number() over (order by first_record) - 1 as integer) as unit, unit_key from rows order by unit
"""


def create_numbered_units(work: duckdb.DuckDBPyConnection, units: pa.Table) -> None:
    """Create `units` and `keyed` (unit, unit_key) from units without members and blocks."""
    put(work, "keyed", units, _NUMBERED_UNITS_SQL)
    _create_units(work, units, ("first_record",))


_CANDIDATE_PAIRS_SQL = """
    select least(l.unit, r.unit) as join_key_l, greatest(l.unit, r.unit) as join_key_r, '' as match_key
    from rows
    inner join keyed as l on one_key = l.unit_key
    inner join keyed as r on other_key = r.unit_key
"""


def decided_of(
    placed: pa.Table, *, model: StoredModel, limits: Limits, overrides: Path, oversized: Path, resources: Resources
) -> pa.Table:
    """The decisions about whole neighbourhoods: clusters, edges, conflicting identifiers and counts, one row each.

    Args:
        placed: the units of neighbourhoods, each with its component. Components may be coarser than neighbourhoods:
            `decide` finds the finer ones again.
        model: the model that decides.
        limits: the limits of the resolution.
        overrides: the folder of the overrides.
        oversized: the folder of the oversized blocks.
        resources: what the task may use.

    Returns:
        Rows of the columns in DECIDED.
    """
    with open_task(resources) as workspace:
        work = workspace.connection
        put(work, "overrides", overrides)
        create_overridden(work)
        put(work, "oversized_blocks", oversized, f"select '' as rule, {unsigned('block')} as block from rows")
        put(work, "unit_members", placed, _MEMBERS_SQL)
        put(work, "keyed", placed, "select unit, unit_key from unit_members where unit = record")
        _create_units(work, placed, ("first_record", "members", "blocks", "component"))
        put(work, "blocks", placed, _OWN_BLOCKS_SQL)
        found = decide(work, model.load(), limits, Clock())
        return _as_rows(work, found)


_MEMBERS_SQL = """
    with ranked as (
        select cast(row_number() over (order by person_record_id) - 1 as integer) as record, person_record_id, unit_key
        from (select unit_key, unnest(members) as person_record_id from rows)
    )

    select record, person_record_id, min(record) over (partition by unit_key) as unit, unit_key
    from ranked
    order by record
"""

# Strangers of two components are not paired again
_OWN_BLOCKS_SQL = f"""
    select held.rule, hash(component, held.block) as block, unit
    from (select component, unnest(blocks) as held, unit_key from rows)
    inner join keyed using (unit_key)
    where {unsigned("held.block")} not in (select block from oversized_blocks)
    order by unit
"""


def _create_units(work: duckdb.DuckDBPyConnection, units: pa.Table, further: tuple[str, ...]) -> None:
    """Create table `units` from rows with the key of each unit and further columns, with the numbers of `keyed`."""
    own = f"(select unit, rows.* exclude (unit_key, {', '.join(further)}) from rows inner join keyed using (unit_key))"
    put(work, "units", units, f"select * from ({with_parts(own)}) order by unit")


_RECORD = "person_record_id varchar, cluster_id varchar, link_reason varchar, unit_key bigint, neighbourhood bigint"
_EDGE = (
    "person_record_id_left varchar, person_record_id_right varchar, reason varchar, match_probability double, "
    "match_weight double, comparison_levels varchar, model_version varchar, is_used boolean, kept_apart_by varchar"
)
_CONFLICT = "identifier_type varchar, identifier_value varchar, record_count bigint, name_count bigint"
_COUNT = "name varchar, number bigint"
DECIDED = f"kind varchar, {_RECORD}, {_EDGE}, {_CONFLICT}, {_COUNT}"
"""The columns of the decisions: kind (record, edge, conflict, count or pairs) says which of the others are filled."""


def _as_rows(work: duckdb.DuckDBPyConnection, found: Resolution) -> pa.Table:
    work.execute(f"create table decided ({DECIDED})")
    work.register("clusters_arrow", found.clusters)
    work.register("edges_arrow", found.edges)
    counts = {name: number for name, number in found.counts.items() if name != "candidate_pairs"}
    work.register("counts_arrow", pa.table({"name": list(counts), "number": list(counts.values())}))
    for kind, query in _ROWS_SQL.items():
        work.execute(f"insert into decided by name select '{kind}' as kind, * from ({query})")
    return fetched(work, "select * from decided")


# The row hash of a record is joined when the state is stored
_NO_HASHES = "(select person_record_id, null as row_hash from unit_members)"
_ROWS_SQL = {
    "record": f"""
        select clusters_arrow.*, unit_key, {signed("neighbourhood")} as neighbourhood
        from clusters_arrow
        inner join ({stored_records_sql(row_hashes=_NO_HASHES)}) using (person_record_id)
    """,
    "edge": "select * from edges_arrow",
    "conflict": "select * from conflicting_identifiers",
    "count": "select * from counts_arrow",
    # those that were scored here for the first time, to complete a component or a pair of clusters
    "pairs": f"""
        select cast(bits as varchar) as name, pair_count as number
        from ({
        pairs_by_weight_sql(
            "(from weighed_pairs anti join candidate_pairs on left_unit = join_key_l and right_unit = join_key_r)"
        )
    })
    """,
}
