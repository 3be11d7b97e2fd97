"""What a change touches: from records that are new, changed or gone to all whose place may be another now.

Works from the kept state and the changed records alone. Every step widens the set by what the step before may have
altered: shared values, exact duplicates, blocks over the limit, evidence, neighbourhoods.
"""

import duckdb

from identity.blocking import create_blocks
from identity.features import create_features, create_units
from identity.household import create_weighed_pairs
from identity.limits import Limits
from identity.linking import score_pairs
from identity.model import TrainedModel
from identity.neighbourhoods import ties_sql
from identity.records import STRONG_IDENTIFIER_TYPES, RecordMapping, load_records
from identity.shared_identifiers import create_identifiers, find_shared_values, withhold_shared_values
from identity.state import KEYED_BLOCKS, KEYED_UNITS, State


def find_touched(
    work: duckdb.DuckDBPyConnection, state: State, mapping: RecordMapping, model: TrainedModel, limits: Limits
) -> None:
    """Create table `touched` (person_record_id): all records whose cluster may differ from the kept one.

    Needs `caller_records`, `row_hashes`, `overrides`, `overridden` and `blocklist`. Also creates what is known of the
    whole population now, as far as the touched records need it: `shared_values` and `oversized_blocks`; and what the
    state is brought up to date with: `changed`, `gone_units`, `gone_identifiers`, `new_units`, `new_blocks`, `identifiers`.
    """
    _create_changed(work, state)
    _find_shared_values_now(work, state, mapping, model, limits)
    _widen_to_units(work, state, mapping, model)
    _create_pairs(work, state, limits)
    score_pairs(work, model, "candidate_pairs")
    create_weighed_pairs(work, model, "scored_candidate_pairs", "weighed_pairs")
    _widen_to_neighbourhoods(work, state, limits)
    _find_oversized_blocks_now(work, state, limits)


def _create_changed(work: duckdb.DuckDBPyConnection, state: State) -> None:
    kept, now = state.table("overrides"), "overrides"
    work.execute(
        f"""
        create table changed as
        select coalesce(now.person_record_id, kept.person_record_id) as person_record_id
        from row_hashes as now
        full join {state.table("records")} as kept on now.person_record_id = kept.person_record_id
        where now.row_hash is distinct from kept.row_hash
        union
        select unnest([left_id, right_id])
        from ((select * from {kept} except select * from {now}) union all (select * from {now} except select * from {kept}))
        """
    )


def _find_shared_values_now(
    work: duckdb.DuckDBPyConnection, state: State, mapping: RecordMapping, model: TrainedModel, limits: Limits
) -> None:
    """Count names anew for each value that changed, and widen `changed` to the holders of those that turned shared."""
    load_records(work, mapping, only="changed")
    create_features(work, model.word_roles)
    create_identifiers(work)
    kept, kept_blocklist = state.table("identifiers"), state.table("blocklist")
    work.execute(
        f"""
        create table touched_values as
        select identifier_type, value from identifiers
        union
        select identifier_type, value from {kept} where person_record_id in (select person_record_id from changed)
        union
        (select identifier_type, value from {kept_blocklist} except select identifier_type, value from blocklist)
        union
        (select identifier_type, value from blocklist except select identifier_type, value from {kept_blocklist});
        insert into identifiers
        select kept.*
        from {kept} as kept
        semi join touched_values using (identifier_type, value)
        anti join changed using (person_record_id)
        """
    )
    find_shared_values(work, limits)
    work.execute(
        f"""
        create table turned_values as
        select identifier_type, value
        from touched_values
        left join shared_values as now using (identifier_type, value)
        left join {state.table("shared_values")} as kept using (identifier_type, value)
        where (now.reason is null) <> (kept.reason is null);
        insert into changed
        select distinct person_record_id
        from identifiers
        semi join turned_values using (identifier_type, value)
        anti join changed using (person_record_id);
        insert into shared_values
        select kept.* from {state.table("shared_values")} as kept anti join touched_values using (identifier_type, value)
        """
    )


def _widen_to_units(work: duckdb.DuckDBPyConnection, state: State, mapping: RecordMapping, model: TrainedModel) -> None:
    """Make the units of the changed records and of all that are or were their exact duplicates."""
    _create_changed_units(work, mapping, model)
    work.execute(
        f"""
        create table gone_units as
        select unit_key from unit_members
        union
        select unit_key from {state.table("records")} semi join changed using (person_record_id);
        insert into changed
        select person_record_id
        from {state.table("records")}
        semi join gone_units using (unit_key)
        anti join changed using (person_record_id)
        """
    )
    _create_changed_units(work, mapping, model)
    work.execute(
        f"""
        create table gone_identifiers as
        select identifier_type, value
        from {state.table("identifiers")}
        semi join changed using (person_record_id)
        """
    )
    create_blocks(work)
    work.execute(f"create table new_units as {KEYED_UNITS}; create table new_blocks as {KEYED_BLOCKS}")


def _create_changed_units(work: duckdb.DuckDBPyConnection, mapping: RecordMapping, model: TrainedModel) -> None:
    load_records(work, mapping, only="changed")
    create_features(work, model.word_roles)
    create_identifiers(work)
    withhold_shared_values(work)
    create_units(work)


def _create_pairs(work: duckdb.DuckDBPyConnection, state: State, limits: Limits) -> None:
    """Pair the new units, and those in a block that came under or over the limit, with all that share a block now."""
    kept = state.table("blocks")
    parameters = {"limit": limits.records_per_block}
    work.execute(
        f"""
        create table gone_blocks as select kept.* from {kept} as kept semi join gone_units using (unit_key);
        create table turned_blocks as
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
        """,
        parameters,
    )
    work.execute(
        f"""
        create table turned_units as
        select distinct unit_key from {kept} semi join turned_blocks using (block) anti join gone_units using (unit_key);
        create table paired_blocks as
        select * from new_blocks
        union all
        select kept.* from {kept} as kept semi join turned_units using (unit_key)
        """
    )
    work.execute(f"create table key_pairs as {_key_pairs_sql(kept)}", parameters)
    _number_pairs(work, state)


def _key_pairs_sql(kept: str) -> str:
    strong = ", ".join(f"'same_{kind}'" for kind in STRONG_IDENTIFIER_TYPES.values())
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

        select
            least(paired_blocks.unit_key, usable.unit_key) as one_key,
            greatest(paired_blocks.unit_key, usable.unit_key) as other_key,
            min(usable.rule) as match_key,
            bool_or(usable.rule in ({strong})) as is_strong
        from paired_blocks
        inner join usable using (block)
        where paired_blocks.unit_key <> usable.unit_key
        group by one_key, other_key
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
            match_key,
            is_strong
        from key_pairs
        inner join compared_units as one on one_key = one.unit_key
        inner join compared_units as other on other_key = other.unit_key
        """
    )


def _widen_to_neighbourhoods(work: duckdb.DuckDBPyConnection, state: State, limits: Limits) -> None:
    kept = state.table("records")
    work.execute(
        f"""
        create table tied_units as
        with ties as (
            {ties_sql(limits)}
            union
            select join_key_l, join_key_r from candidate_pairs where is_strong
        )

        select unit_key from compared_units where unit in (select unnest([left_unit, right_unit]) from ties)
        union
        select unit_key from gone_units
        union
        select unit_key from turned_units;
        create table touched as
        with tied_records as (
            select person_record_id from {kept} semi join tied_units using (unit_key)
            union
            select person_record_id from changed
            union
            select unnest([left_id, right_id])
            from overrides
            where left_id in (select person_record_id from changed)
                or right_id in (select person_record_id from changed)
        )

        select person_record_id from tied_records
        union
        select person_record_id
        from {kept}
        where neighbourhood in (select neighbourhood from {kept} semi join tied_records using (person_record_id))
        """
    )


def _find_oversized_blocks_now(work: duckdb.DuckDBPyConnection, state: State, limits: Limits) -> None:
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
