"""The pairs that a change makes necessary: of units that are new, or in a block that crossed its size limit."""

import duckdb

from identity.incremental.state import State
from identity.limits import Limits
from identity.prepare.records import STRONG_IDENTIFIER_TYPES
from identity.prepare.units import with_parts
from identity.scoring.blocking import most_units_sql


def create_changed_pairs(work: duckdb.DuckDBPyConnection, state: State, limits: Limits) -> None:
    """Create `units` and `candidate_pairs`: all pairs that a full resolution would have and the last one did not.

    They are the pairs of the new units, and of those in a block that crossed the limit (table `crossed_units`), with
    all units that share a block with them now. Also creates `blocks_to_reevaluate` and `units_to_reevaluate`.

    Args:
        work: the workspace, with `deleted_units`, `new_units` and `new_blocks`.
        state: the stored state.
        limits: the size limit of a block.
    """
    stored = state.table("blocks")
    work.execute(
        f"""
        create table deleted_blocks as
        select stored.* from {stored} as stored semi join deleted_units using (unit_key)
        """
    )
    most = most_units_sql(limits)
    work.execute(f"create table crossed_blocks as {_crossed_blocks_sql(stored, most)}")
    work.execute(
        f"""
        create table crossed_units as
        select distinct unit_key
        from {stored}
        semi join crossed_blocks using (block)
        anti join deleted_units using (unit_key);
        create table paired_blocks as
        select * from new_blocks
        union all
        select stored.* from {stored} as stored semi join crossed_units using (unit_key)
        """
    )
    work.execute(f"create table key_pairs as {_key_pairs_sql(stored, most)}")
    _find_reevaluated(work, stored, {"limit": limits.records_per_block})
    _number_pairs(work, state)


def _find_reevaluated(work: duckdb.DuckDBPyConnection, stored: str, parameters: dict[str, int]) -> None:
    """Create `blocks_to_reevaluate` (block) and `units_to_reevaluate` (unit_key).

    The blocks are strong identifiers of deleted or new units; the units are their other holders. Whether such an
    identifier is conflicting, and so which units it links, is decided again. A block over its limit links no unit; when
    it crosses the limit, it is among the crossed blocks.
    """
    strong = ", ".join(f"'same_{kind}'" for kind in STRONG_IDENTIFIER_TYPES.values())
    work.execute(
        f"""
        create table blocks_to_reevaluate as
        select block from deleted_blocks where rule in ({strong})
        union
        select block from new_blocks where rule in ({strong})
        """
    )
    work.execute(
        f"""
        create table units_to_reevaluate as
        select distinct unit_key
        from (
            from {stored} semi join blocks_to_reevaluate using (block)
            qualify count(*) over (partition by block) <= $limit
        )
        """,
        parameters,
    )


def _crossed_blocks_sql(stored: str, most: str) -> str:
    return f"""
        with changed_blocks as (select rule, block from deleted_blocks union select rule, block from new_blocks),

        stored_counts as (
            select block, count(*) as unit_count
            from {stored}
            semi join changed_blocks using (block)
            group by block
        ),

        deleted_counts as (select block, count(*) as unit_count from deleted_blocks group by block),

        new_counts as (select block, count(*) as unit_count from new_blocks group by block),

        counted as (
            select
                rule,
                block,
                coalesce(stored_counts.unit_count, 0) as before_count,
                before_count - coalesce(deleted_counts.unit_count, 0) + coalesce(new_counts.unit_count, 0) as now_count
            from changed_blocks
            left join stored_counts using (block)
            left join deleted_counts using (block)
            left join new_counts using (block)
        )

        select rule, block, now_count > {most} as is_over_limit
        from counted
        where (before_count > {most}) <> (now_count > {most})
    """


def _key_pairs_sql(stored: str, most: str) -> str:
    return f"""
        with blocks_now as (
            select * from new_blocks
            union all
            select stored.*
            from {stored} as stored
            semi join (select block from paired_blocks) as paired using (block)
            anti join deleted_units using (unit_key)
        ),

        usable as (select * from blocks_now qualify count(*) over (partition by block) <= {most})

        select distinct
            least(paired_blocks.unit_key, usable.unit_key) as one_key,
            greatest(paired_blocks.unit_key, usable.unit_key) as other_key,
            '' as match_key
        from paired_blocks
        inner join usable using (block)
        where paired_blocks.unit_key <> usable.unit_key
    """


def _number_pairs(work: duckdb.DuckDBPyConnection, state: State) -> None:
    """Create `units` and `candidate_pairs` for scoring, and `compared_units` (unit, unit_key).

    Units are numbered in the order of their first records, as in any resolution.
    """
    work.execute(
        f"""
        create table compared_units as
        with compared as (select one_key as unit_key from key_pairs union select other_key from key_pairs),

        found as (
            select unit_key, first_record from new_units semi join compared using (unit_key)
            union all
            select unit_key, first_record
            from {state.table("units")}
            semi join compared using (unit_key)
            anti join deleted_units using (unit_key)
        )

        select cast(row_number() over (order by first_record) - 1 as integer) as unit, unit_key
        from found
        order by unit;
        create or replace table units as {units_now_sql("new_units", "deleted_units", state, "compared_units")};
        create table candidate_pairs as
        select
            least(one.unit, other.unit) as join_key_l,
            greatest(one.unit, other.unit) as join_key_r,
            match_key
        from key_pairs
        inner join compared_units as one on one_key = one.unit_key
        inner join compared_units as other on other_key = other.unit_key
        """
    )


def units_now_sql(new_units: str, deleted_units: str, state: State, numbered: str) -> str:
    """SQL of the present units, from new and stored ones.

    Args:
        new_units: the table of the new units.
        deleted_units: the table (unit_key) of the stored units that no longer exist.
        state: the stored state.
        numbered: the table (unit, unit_key) with the numbers of the units to select.

    Returns:
        A select statement with the columns of `units`, in the order of the numbers.
    """
    found = f"""(
        select unit, found.* exclude (unit_key, first_record)
        from (
            from {new_units}
            union all by name
            from {state.table("units")} semi join {numbered} using (unit_key) anti join {deleted_units} using (unit_key)
        ) as found
        inner join {numbered} using (unit_key)
    )"""
    return f"{with_parts(found)} order by unit"


def find_oversized_blocks_now(work: duckdb.DuckDBPyConnection, state: State) -> None:
    """Create table `oversized_blocks` (rule, block): one row per block that is over the limit now."""
    work.execute(
        f"""
        create table oversized_blocks as
        select stored.* from {state.table("oversized_blocks")} as stored anti join crossed_blocks using (block)
        union all
        select rule, block from crossed_blocks where is_over_limit
        """
    )
