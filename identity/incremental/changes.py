"""What a change touches: from records that are new, changed or deleted to all records whose cluster may change.

Works from the stored state and the changed records alone. Every step adds the records that the step before may have
influenced, through suppressed values, exact duplicates, blocks over the limit, evidence and neighbourhoods.
"""

import duckdb

from identity.clusters.neighbourhoods import ties_sql
from identity.incremental.changed_features import add_changed_features, create_changed_features
from identity.incremental.changed_pairs import create_changed_pairs, find_oversized_blocks_now
from identity.incremental.state import KEYED_BLOCKS, KEYED_UNITS, State
from identity.limits import Limits
from identity.model.trained_model import TrainedModel
from identity.prepare.records import RecordMapping
from identity.prepare.shared_identifiers import create_identifiers, suppress_shared_values
from identity.prepare.shared_values import find_shared_values
from identity.prepare.units import create_units
from identity.scoring.blocking import create_blocks
from identity.scoring.match_weights import create_weighed_pairs
from identity.scoring.scoring import score_pairs


def find_touched(
    work: duckdb.DuckDBPyConnection, state: State, mapping: RecordMapping, model: TrainedModel, limits: Limits
) -> None:
    """Create table `touched` (person_record_id): one row per record whose cluster may differ from the stored one.

    Adds to `changed` the records whose features, suppressed values or exact duplicates may be different now. Also
    creates the facts of the whole population that touched records need, `suppressed_values` and `oversized_blocks`, and
    what the state is updated with: `deleted_units`, `new_units`, `new_blocks`, `identifiers`.

    Args:
        work: the workspace, with `changed` (see create_changed), `caller_records`, `overrides`, `overridden`,
            `blocklist`.
        state: the stored state.
        mapping: which column of the caller's records holds what.
        model: the model that decides.
        limits: the limits of the resolution.
    """
    _widen_to_duplicates(work, state, "select unit_key from {stored} semi join changed using (person_record_id)")
    create_changed_features(work, mapping, model)
    if _find_shared_values_now(work, state, limits):
        add_changed_features(work, mapping, model)
    _widen_to_units(work, state, mapping, model)
    create_changed_pairs(work, state, limits)
    score_pairs(work, model, "candidate_pairs")
    create_weighed_pairs(work, model, "scored_candidate_pairs", "weighed_pairs")
    _widen_to_neighbourhoods(work, state, limits)
    find_oversized_blocks_now(work, state)


def create_changed(work: duckdb.DuckDBPyConnection, state: State) -> None:
    """Create table `changed` (person_record_id): one row per record that is new, changed or deleted.

    Records of a new, changed or deleted override are in it, too. Needs `row_hashes` and `overrides`.
    """
    stored, now = state.table("overrides"), "overrides"
    work.execute(
        f"""
        create table changed as
        select coalesce(now.person_record_id, stored.person_record_id) as person_record_id
        from row_hashes as now
        full join {state.table("records")} as stored on now.person_record_id = stored.person_record_id
        where now.row_hash is distinct from stored.row_hash
        union
        select unnest([left_id, right_id])
        from (
            (select * from {stored} except select * from {now})
            union all
            (select * from {now} except select * from {stored})
        )
        """
    )


def _find_shared_values_now(work: duckdb.DuckDBPyConnection, state: State, limits: Limits) -> int:
    """Count names again for each changed value, and add to `changed` the records of values that crossed a limit.

    Args:
        work: the workspace, with `features` of the changed records.
        state: the stored state.
        limits: the limits of names per value.

    Returns:
        The number of records that were added.
    """
    create_identifiers(work)
    stored, stored_blocklist = state.table("identifiers"), state.table("blocklist")
    work.execute(
        f"""
        create table touched_values as
        select identifier_type, value from identifiers
        union
        select identifier_type, value from {stored} where person_record_id in (select person_record_id from changed)
        union
        (select identifier_type, value from {stored_blocklist} except select identifier_type, value from blocklist)
        union
        (select identifier_type, value from blocklist except select identifier_type, value from {stored_blocklist});
        insert into identifiers
        select stored.*
        from {stored} as stored
        semi join touched_values using (identifier_type, value)
        anti join changed using (person_record_id)
        """
    )
    find_shared_values(work, limits)
    return _widen_to_holders(work, state)


def _widen_to_holders(work: duckdb.DuckDBPyConnection, state: State) -> int:
    work.execute(
        f"""
        create table crossed_values as
        select identifier_type, value
        from touched_values
        left join suppressed_values as now using (identifier_type, value)
        left join {state.table("suppressed_values")} as stored using (identifier_type, value)
        where now.reason is distinct from stored.reason;
        insert into suppressed_values
        select stored.*
        from {state.table("suppressed_values")} as stored
        anti join touched_values using (identifier_type, value)
        """
    )
    return _added(
        work,
        """
        insert into changed
        select distinct person_record_id
        from identifiers
        semi join crossed_values using (identifier_type, value)
        anti join changed using (person_record_id)
        """,
    )


def _widen_to_units(work: duckdb.DuckDBPyConnection, state: State, mapping: RecordMapping, model: TrainedModel) -> None:
    """Create the units of the changed records and of all that are or were their exact duplicates.

    Needs `features` of the changed records.
    """
    _create_changed_units(work)
    replaced = (
        "select unit_key from unit_members "
        "union select unit_key from {stored} semi join changed using (person_record_id)"
    )
    if _widen_to_duplicates(work, state, replaced):
        add_changed_features(work, mapping, model)
        _create_changed_units(work)
    create_blocks(work)
    work.execute(f"create table new_units as {KEYED_UNITS}; create table new_blocks as {KEYED_BLOCKS}")


def _widen_to_duplicates(work: duckdb.DuckDBPyConnection, state: State, unit_keys: str) -> int:
    """Create `deleted_units` (unit_key) by a query on the stored records, and add their records to `changed`."""
    stored = state.table("records")
    work.execute(f"create or replace table deleted_units as {unit_keys.format(stored=stored)}")
    return _added(
        work,
        f"""
        insert into changed
        select person_record_id
        from {stored}
        semi join deleted_units using (unit_key)
        anti join changed using (person_record_id)
        """,
    )


def _added(work: duckdb.DuckDBPyConnection, insert: str) -> int:
    return int(work.execute(insert).fetchall()[0][0])


def _create_changed_units(work: duckdb.DuckDBPyConnection) -> None:
    create_identifiers(work)
    suppress_shared_values(work)
    create_units(work)


def _widen_to_neighbourhoods(work: duckdb.DuckDBPyConnection, state: State, limits: Limits) -> None:
    stored = state.table("records")
    work.execute(
        f"""
        create table tied_units as
        with ties as ({ties_sql(limits)})

        select unit_key from compared_units where unit in (select unnest([left_unit, right_unit]) from ties)
        union
        select unit_key from units_to_reevaluate
        union
        select unit_key from deleted_units
        union
        select unit_key from crossed_units;
        create table touched as
        with tied_records as (
            select person_record_id from {stored} semi join tied_units using (unit_key)
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
        from {stored}
        where neighbourhood in (select neighbourhood from {stored} semi join tied_records using (person_record_id))
        """
    )
