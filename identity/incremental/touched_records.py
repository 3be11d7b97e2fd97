"""The decision about the touched records: with new units where something changed, with stored units elsewhere."""

from identity.decision import Clock, Resolution, decide
from identity.incremental.changed_pairs import units_now_sql
from identity.incremental.state import State
from identity.limits import Limits
from identity.model.trained_model import TrainedModel
from identity.workspace import Workspace

# The block of a conflicting identifier: a few thousand blocks of what is touched are found sooner than its identifiers
# among those of all records
CONFLICTING_BLOCK = "hash('same_' || identifier_type, identifier_value)"


def decide_touched(
    changes: Workspace, decision: Workspace, state: State, model: TrainedModel, limits: Limits, clock: Clock
) -> Resolution:
    """Decide with the new units of the changed records and the stored units of all other touched records.

    Args:
        changes: the workspace of the changes, with the tables that find_touched created.
        decision: the workspace of the decision, with `overrides`.
        state: the stored state.
        model: the model that decides.
        limits: the thresholds, and the limits of one profile.
        clock: takes the seconds of each step.

    Returns:
        The resolution of the touched records.
    """
    work = decision.connection
    for table in ("oversized_blocks", "touched", "blocks_to_reevaluate"):
        work.execute(f"create table {table} as select * from {changes.catalog}.{table}")
    work.execute(f"create table unit_members as {_touched_members_sql(changes, state)}")
    work.execute("create table unit_keys as select unit, unit_key from unit_members where unit = record")
    new_units, deleted_units = f"{changes.catalog}.new_units", f"{changes.catalog}.deleted_units"
    work.execute(f"create table units as {units_now_sql(new_units, deleted_units, state, 'unit_keys')}")
    work.execute(
        f"""
        create table blocks as
        with found as (
            from {changes.catalog}.new_blocks
            union all by name
            from {state.table("blocks")} semi join unit_keys using (unit_key) anti join {deleted_units} using (unit_key)
        )

        select rule, block, unit from found inner join unit_keys using (unit_key) order by unit
        """
    )
    work.execute(f"create table known_pairs as {_known_pairs_sql(changes)}")
    work.execute(f"create table known_conflicts as {_known_conflicts_sql(state)}")
    return decide(work, model, limits, clock, known="known_pairs", known_conflicts="known_conflicts")


def _touched_members_sql(changes: Workspace, state: State) -> str:
    return f"""
        with members as (
            select person_record_id, unit_key from {changes.catalog}.unit_members
            union all
            select person_record_id, unit_key
            from {state.table("records")}
            semi join touched using (person_record_id)
            anti join {changes.catalog}.changed using (person_record_id)
        ),

        ranked as (
            select cast(row_number() over (order by person_record_id) - 1 as integer) as record, * from members
        )

        select record, person_record_id, min(record) over (partition by unit_key) as unit, unit_key
        from ranked
        order by record
    """


def _known_pairs_sql(changes: Workspace) -> str:
    # both number the units in the order of their first records, so that left stays left
    return f"""
        select l.unit as left_unit, r.unit as right_unit, scored.* exclude (left_unit, right_unit)
        from {changes.catalog}.scored_candidate_pairs as scored
        inner join {changes.catalog}.compared_units as one on scored.left_unit = one.unit
        inner join {changes.catalog}.compared_units as other on scored.right_unit = other.unit
        inner join unit_keys as l on one.unit_key = l.unit_key
        inner join unit_keys as r on other.unit_key = r.unit_key
    """


def _known_conflicts_sql(state: State) -> str:
    return f"""
        select *
        from {state.table("conflicting_identifiers")}
        where {CONFLICTING_BLOCK} in (select block from blocks)
            and {CONFLICTING_BLOCK} not in (select block from blocks_to_reevaluate)
    """
