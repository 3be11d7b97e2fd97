"""The pairs that a change brings up: units that are new, or in a block that came under or over its limit."""

import duckdb

from identity.incremental.state import State
from identity.limits import Limits
from identity.prepare.features import with_parts
from identity.prepare.records import STRONG_IDENTIFIER_TYPES


def create_changed_pairs(work: duckdb.DuckDBPyConnection, state: State, limits: Limits) -> None:
    """Create `units` and `candidate_pairs`: all pairs that a resolution of everything would hold and the last did not.

    Needs `deleted_units`, `new_units` and `new_blocks`. Pairs the new units, and those in a block that came under or over
    the limit (table `crossed_units`), with all that share a block now. Creates `blocks_to_reevaluate` and
    `units_to_reevaluate`, too.
    """
    kept = state.table("blocks")
    parameters = {"limit": limits.records_per_block}
    work.execute(
        f"create table deleted_blocks as select kept.* from {kept} as kept semi join deleted_units using (unit_key)"
    )
    work.execute(f"create table crossed_blocks as {_crossed_blocks_sql(kept)}", parameters)
    work.execute(
        f"""
        create table crossed_units as
        select distinct unit_key
        from {kept}
        semi join crossed_blocks using (block)
        anti join deleted_units using (unit_key);
        create table paired_blocks as
        select * from new_blocks
        union all
        select kept.* from {kept} as kept semi join crossed_units using (unit_key)
        """
    )
    work.execute(f"create table key_pairs as {_key_pairs_sql(kept)}", parameters)
    _find_reevaluated(work, kept, parameters)
    _number_pairs(work, state)


def _find_reevaluated(work: duckdb.DuckDBPyConnection, kept: str, parameters: dict[str, int]) -> None:
    """Create `blocks_to_reevaluate` (block): strong identifiers that gone or new units held, and `units_to_reevaluate`.

    The units (unit_key) are those that held one all along: whether it is disputed, and so whom it links, is asked
    anew. What too many hold links nobody; when that turns, the block is among the turned ones.
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
            from {kept} semi join blocks_to_reevaluate using (block) qualify count(*) over (partition by block) <= $limit
        )
        """,
        parameters,
    )


def _crossed_blocks_sql(kept: str) -> str:
    return f"""
        with touched as (select rule, block from deleted_blocks union select rule, block from new_blocks),

        stored_counts as (
            select block, count(*) as unit_count
            from {kept}
            semi join touched using (block)
            group by block
        ),

        fewer as (select block, count(*) as unit_count from deleted_blocks group by block),

        more as (select block, count(*) as unit_count from new_blocks group by block),

        counted as (
            select
                rule,
                block,
                coalesce(stored_counts.unit_count, 0) as before_count,
                before_count - coalesce(fewer.unit_count, 0) + coalesce(more.unit_count, 0) as now_count
            from touched
            left join stored_counts using (block)
            left join fewer using (block)
            left join more using (block)
        )

        select rule, block, now_count > $limit as is_over_limit
        from counted
        where (before_count > $limit) <> (now_count > $limit)
    """


def _key_pairs_sql(kept: str) -> str:
    return f"""
        with around as (
            select * from new_blocks
            union all
            select kept.*
            from {kept} as kept
            semi join (select block from paired_blocks) as paired using (block)
            anti join deleted_units using (unit_key)
        ),

        usable as (select * from around qualify count(*) over (partition by block) <= $limit)

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
    """SQL of the units as they are now that table `numbered` (unit, unit_key) numbers, in the order of its numbers."""
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
    """Create table `oversized_blocks` (rule, block): all blocks that are over the limit now."""
    work.execute(
        f"""
        create table oversized_blocks as
        select kept.* from {state.table("oversized_blocks")} as kept anti join crossed_blocks using (block)
        union all
        select rule, block from crossed_blocks where is_over_limit
        """
    )
