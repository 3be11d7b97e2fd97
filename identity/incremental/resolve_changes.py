"""Resolving only what changed: the same answer as resolving everything, at a cost that follows the change."""

from dataclasses import replace

import duckdb
import pyarrow as pa

from identity.clusters.neighbourhoods import create_row_hashes
from identity.decision import Clock, Resolution, decide
from identity.errors import IdentityError
from identity.incremental.changed_pairs import units_now_sql
from identity.incremental.changes import create_changed, find_touched
from identity.incremental.state import STORED_RECORDS, State, settings_key, store_token, transaction
from identity.limits import Limits
from identity.model.trained_model import TrainedModel
from identity.prepare.overrides import create_overrides
from identity.prepare.records import RecordMapping, read_caller_records
from identity.prepare.shared_identifiers import create_blocklist, shared_identifiers_sql
from identity.schemas import OUTPUT_SCHEMAS
from identity.workspace import Workspace, open_workspace


def stored_token(connection: duckdb.DuckDBPyConnection, schema: str) -> str | None:
    """The token of the state that is kept in a schema, None when there is none; see Resolution.state_token."""
    catalog = connection.execute("select current_catalog()").fetchall()[0][0]
    return State(catalog, schema).token(connection)


def can_resolve_changes(
    connection: duckdb.DuckDBPyConnection, schema: str, mapping: RecordMapping, model: TrainedModel, limits: Limits
) -> bool:
    """Whether the state that is kept in a schema was made with just these settings."""
    token = stored_token(connection, schema)
    return token is not None and token.startswith(f"{settings_key(model.version, mapping, limits)}-")


def resolve_changes(
    connection: duckdb.DuckDBPyConnection,
    person_records: str | pa.Table,
    mapping: RecordMapping,
    *,
    model: TrainedModel,
    state_schema: str,
    limits: Limits | None = None,
    overrides: pa.Table | None = None,
    blocklist: pa.Table | None = None,
) -> Resolution:
    """Bring the kept state up to date with the records, overrides and blocklist as they are now.

    The answer holds the touched records alone (see Resolution.touched); with what the state's last answer said of all
    others it equals resolve(...) of everything. shared_identifiers is whole.
    Raises IdentityError when the state was made with another model, mapping or limits: resolve everything then.
    """
    limits, clock = limits or Limits(), Clock()
    require_state(connection, state_schema, mapping, model, limits)
    with open_workspace(connection) as changes, open_workspace(connection) as decision:
        state = State(changes.caller_catalog, state_schema)
        read_caller_records(connection, person_records, mapping, changes)
        create_blocklist(changes.connection, blocklist)
        for workspace in (changes, decision):
            create_overrides(workspace.connection, overrides)
        clock.time("changes", lambda: create_row_hashes(changes.connection, mapping))
        create_changed(changes.connection, state)
        clock.time("touched", lambda: find_touched(changes.connection, state, mapping, model, limits))
        resolution = decide_touched(changes, decision, state, model, limits, clock)
        settings = settings_key(model.version, mapping, limits)
        token = clock.time("state", lambda: _update_state(changes, decision, state, settings))
        touched = changes.connection.execute("select * from touched order by person_record_id").to_arrow_table()
        shared = _shared_identifiers(changes.connection, state)
        counts = {"changed": _count(changes, "changed"), "touched": len(touched), **resolution.counts}
    return replace(resolution, counts=counts, state_token=token, touched=touched, shared_identifiers=shared)


def require_state(
    connection: duckdb.DuckDBPyConnection, schema: str, mapping: RecordMapping, model: TrainedModel, limits: Limits
) -> None:
    """Raise IdentityError unless the state of a schema was made with just these settings."""
    if not can_resolve_changes(connection, schema, mapping, model, limits):
        raise IdentityError(
            f"The state in schema {schema} is missing or was made with another model, mapping or limits than "
            f"{model.version}. Resolve everything with resolve(..., store_state_in='{schema}')."
        )


def decide_touched(
    changes: Workspace, decision: Workspace, state: State, model: TrainedModel, limits: Limits, clock: Clock
) -> Resolution:
    """Decide with the new units of the changed records and the kept ones of all others that are touched.

    Needs what find_touched left in the workspace of the changes, and `overrides` in that of the decision.
    """
    work = decision.connection
    for known in ("oversized_blocks", "touched", "blocks_to_reevaluate"):
        work.execute(f"create table {known} as select * from {changes.catalog}.{known}")
    work.execute(f"create table unit_members as {_touched_members_sql(changes, state)}")
    work.execute("create table keyed as select unit, unit_key from unit_members where unit = record")
    new_units, deleted_units = f"{changes.catalog}.new_units", f"{changes.catalog}.deleted_units"
    work.execute(f"create table units as {units_now_sql(new_units, deleted_units, state, 'keyed')}")
    work.execute(
        f"""
        create table blocks as
        with found as (
            from {changes.catalog}.new_blocks
            union all by name
            from {state.table("blocks")} semi join keyed using (unit_key) anti join {deleted_units} using (unit_key)
        )

        select rule, block, unit from found inner join keyed using (unit_key) order by unit
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
        inner join keyed as l on one.unit_key = l.unit_key
        inner join keyed as r on other.unit_key = r.unit_key
    """


def _known_conflicts_sql(state: State) -> str:
    return f"""
        select kept.*
        from {state.table("disputed")} as kept
        semi join (
            select identifier_type, value as identifier_value
            from {state.table("identifiers")}
            semi join touched using (person_record_id)
        ) as told using (identifier_type, identifier_value)
        anti join blocks_to_reevaluate on hash('same_' || identifier_type, identifier_value) = blocks_to_reevaluate.block
    """


def _update_state(changes: Workspace, decision: Workspace, state: State, settings: str) -> str:
    work = changes.connection
    with transaction(work):
        for table, gone, key, new in (
            ("units", "deleted_units", "unit_key", "select * from new_units"),
            ("blocks", "deleted_units", "unit_key", "select * from new_blocks"),
            ("identifiers", "changed", "person_record_id", "select * from identifiers"),
            ("records", "touched", "person_record_id", touched_records_sql(changes, decision)),
        ):
            work.execute(f"delete from {state.table(table)} where {key} in (select {key} from {gone})")
            work.execute(f"insert into {state.table(table)} by name {new}")
        _replace_conflicting(work, state, decision)
        for table in ("oversized_blocks", "suppressed_values", "overrides", "blocklist"):
            work.execute(f"delete from {state.table(table)}")
            work.execute(f"insert into {state.table(table)} by name select * from {table}")
        return store_token(work, state, settings)


def _replace_conflicting(work: duckdb.DuckDBPyConnection, state: State, decision: Workspace) -> None:
    """Disputes are about values that touched records hold or held; all others stand."""
    disputed = state.table("disputed")
    work.execute(
        f"""
        delete from {disputed}
        where (identifier_type, identifier_value) in (
            select (identifier_type, value) from {state.table("identifiers")} semi join touched using (person_record_id)
            union
            select (identifier_type, value) from deleted_identifiers
        )
        """
    )
    work.execute(f"insert into {disputed} by name select * from {decision.catalog}.conflicting_identifiers")


def touched_records_sql(changes: Workspace, decision: Workspace) -> str:
    """The query of what the state keeps of the touched records, as they were decided."""
    names = {"unit_members": decision, "row_hashes": changes, "neighbourhoods": decision}
    query = STORED_RECORDS
    for name, workspace in names.items():
        query = query.replace(f" {name}", f" {workspace.catalog}.{name}")
    return query


def _shared_identifiers(work: duckdb.DuckDBPyConnection, state: State) -> pa.Table:
    kept = (state.table(name) for name in ("identifiers", "suppressed_values", "disputed"))
    return work.execute(shared_identifiers_sql(*kept)).to_arrow_table().cast(OUTPUT_SCHEMAS["shared_identifiers"])


def _count(workspace: Workspace, table: str) -> int:
    return int(workspace.connection.execute(f"select count(*) from {table}").fetchall()[0][0])
