"""The pairs that a change brings up: units that are new, or in a block that came under or over its limit."""

import duckdb

from identity.limits import Limits
from identity.records import STRONG_IDENTIFIER_TYPES
from identity.state import State


def create_changed_pairs(work: duckdb.DuckDBPyConnection, state: State, limits: Limits) -> None:
    """Create `units` and `candidate_pairs`: all pairs that a resolution of everything would hold and the last did not.

    Needs `gone_units`, `new_units` and `new_blocks`. Pairs the new units, and those in a block that came under or over
    the limit (table `turned_units`), with all that share a block now. Creates `unsettled_blocks` and
    `unsettled_units`, too.
    """
    kept = state.table("blocks")
    parameters = {"limit": limits.records_per_block}
    work.execute(f"create table gone_blocks as select kept.* from {kept} as kept semi join gone_units using (unit_key)")
    work.execute(f"create table turned_blocks as {_turned_blocks_sql(kept)}", parameters)
    work.execute(
        f"""
        create table turned_units as
        select distinct unit_key
        from {kept}
        semi join turned_blocks using (block)
        anti join gone_units using (unit_key);
        create table paired_blocks as
        select * from new_blocks
        union all
        select kept.* from {kept} as kept semi join turned_units using (unit_key)
        """
    )
    work.execute(f"create table key_pairs as {_key_pairs_sql(kept)}", parameters)
    _find_unsettled(work, kept, parameters)
    _number_pairs(work, state)


def _find_unsettled(work: duckdb.DuckDBPyConnection, kept: str, parameters: dict[str, int]) -> None:
    """Create `unsettled_blocks` (block): strong identifiers that gone or new units held, and `unsettled_units`.

    The units (unit_key) are those that held one all along: whether it is disputed, and so whom it links, is asked
    anew. What too many hold links nobody; when that turns, the block is among the turned ones.
    """
    strong = ", ".join(f"'same_{kind}'" for kind in STRONG_IDENTIFIER_TYPES.values())
    work.execute(
        f"""
        create table unsettled_blocks as
        select block from gone_blocks where rule in ({strong})
        union
        select block from new_blocks where rule in ({strong})
        """
    )
    work.execute(
        f"""
        create table unsettled_units as
        select distinct unit_key
        from (
            from {kept} semi join unsettled_blocks using (block) qualify count(*) over (partition by block) <= $limit
        )
        """,
        parameters,
    )


def _turned_blocks_sql(kept: str) -> str:
    return f"""
        with touched as (select block from gone_blocks union select block from new_blocks),

        sizes as (
            select block, count(*) as before_count
            from {kept}
            semi join touched using (block)
            group by block
        ),

        fewer as (select block, count(*) as unit_count from gone_blocks group by block),

        more as (select block, count(*) as unit_count from new_blocks group by block)

        select block
        from touched
        left join sizes using (block)
        left join fewer using (block)
        left join more using (block)
        where (coalesce(before_count, 0) > $limit) <> (
            coalesce(before_count, 0) - coalesce(fewer.unit_count, 0) + coalesce(more.unit_count, 0) > $limit
        )
    """


def _key_pairs_sql(kept: str) -> str:
    return f"""
        with around as (
            select * from new_blocks
            union all
            select kept.*
            from {kept} as kept
            semi join (select block from paired_blocks) as paired using (block)
            anti join gone_units using (unit_key)
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
        create table numbered_units as
        with compared as (select one_key as unit_key from key_pairs union select other_key from key_pairs),

        found as (
            select * from new_units semi join compared using (unit_key)
            union all by name
            select kept.*
            from {state.table("units")} as kept
            semi join compared using (unit_key)
            anti join gone_units using (unit_key)
        )

        select cast(row_number() over (order by first_record) - 1 as integer) as unit, found.*
        from found
        order by unit;
        create table compared_units as select unit, unit_key from numbered_units;
        create or replace table units as select * exclude (unit_key, first_record) from numbered_units;
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


def find_oversized_blocks_now(work: duckdb.DuckDBPyConnection, state: State, limits: Limits) -> None:
    """Create table `oversized_blocks`: those of the blocks of table `touched` that are over the limit now."""
    kept = state.table("blocks")
    work.execute(
        f"""
        create table oversized_blocks as
        with touched_units as (
            select unit_key from {state.table("records")} semi join touched using (person_record_id)
        ),

        of_touched as (
            select block from {kept} semi join touched_units using (unit_key)
            union
            select block from new_blocks
        ),

        around as (
            select * from new_blocks
            union all
            select kept.*
            from {kept} as kept
            semi join of_touched using (block)
            anti join gone_units using (unit_key)
        )

        select any_value(rule) as rule, block from around group by block having count(*) > $limit
        """,
        {"limit": limits.records_per_block},
    )
