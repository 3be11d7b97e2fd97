"""Resolving only what changed: the same answer as resolving everything, at a cost that follows the change."""

from dataclasses import replace

import duckdb
import pyarrow as pa

from identity.blocking import create_blocks
from identity.changes import find_touched
from identity.errors import IdentityError
from identity.features import create_features, create_units
from identity.limits import Limits
from identity.model import TrainedModel
from identity.neighbourhoods import create_row_hashes
from identity.overrides import create_overrides
from identity.records import RecordMapping, load_records, read_caller_records
from identity.resolution import Clock, Resolution, decide
from identity.schemas import OUTPUT_SCHEMAS
from identity.shared_identifiers import (
    create_blocklist,
    create_identifiers,
    shared_identifiers_sql,
    withhold_shared_values,
)
from identity.state import KEPT_RECORDS, State, settings_key, store_token, transaction
from identity.workspace import Workspace, open_workspace


def kept_token(connection: duckdb.DuckDBPyConnection, schema: str) -> str | None:
    """The token of the state that is kept in a schema, None when there is none; see Resolution.state_token."""
    catalog = connection.execute("select current_catalog()").fetchall()[0][0]
    return State(catalog, schema).token(connection)


def can_resolve_changes(
    connection: duckdb.DuckDBPyConnection, schema: str, mapping: RecordMapping, model: TrainedModel, limits: Limits
) -> bool:
    """Whether the state that is kept in a schema was made with just these settings."""
    token = kept_token(connection, schema)
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
    _require_state(connection, state_schema, mapping, model, limits)
    with open_workspace(connection) as changes, open_workspace(connection) as decision:
        state = State(changes.caller_catalog, state_schema)
        for workspace in (changes, decision):
            read_caller_records(connection, person_records, mapping, workspace)
            create_overrides(workspace.connection, overrides)
            create_blocklist(workspace.connection, blocklist)
        clock.time("changes", lambda: create_row_hashes(changes.connection, mapping))
        clock.time("touched", lambda: find_touched(changes.connection, state, mapping, model, limits))
        resolution = _decide_touched(changes, decision, mapping, model, limits, clock)
        settings = settings_key(model.version, mapping, limits)
        token = clock.time("state", lambda: _update_state(changes, decision, state, settings))
        touched = changes.connection.execute("select * from touched order by person_record_id").to_arrow_table()
        shared = _shared_identifiers(changes.connection, state)
        counts = {"changed": _count(changes, "changed"), "touched": len(touched), **resolution.counts}
    return replace(
        resolution,
        counts=counts,
        state_token=token,
        touched=touched,
        shared_identifiers=shared,
    )


def _require_state(
    connection: duckdb.DuckDBPyConnection, schema: str, mapping: RecordMapping, model: TrainedModel, limits: Limits
) -> None:
    if not can_resolve_changes(connection, schema, mapping, model, limits):
        raise IdentityError(
            f"The state in schema {schema} is missing or was made with another model, mapping or limits than "
            f"{model.version}. Resolve everything with resolve(..., keep_state_in='{schema}')."
        )


def _decide_touched(
    changes: Workspace, decision: Workspace, mapping: RecordMapping, model: TrainedModel, limits: Limits, clock: Clock
) -> Resolution:
    work = decision.connection
    for known in ("shared_values", "oversized_blocks", "touched"):
        work.execute(f"create table {known} as select * from {changes.catalog}.{known}")
    load_records(work, mapping, only="touched")
    create_features(work, model.word_roles)
    create_identifiers(work)
    withhold_shared_values(work)
    create_units(work)
    create_blocks(work)
    return decide(work, model, limits, clock)


def _update_state(changes: Workspace, decision: Workspace, state: State, settings: str) -> str:
    work = changes.connection
    with transaction(work):
        for table, gone, key, new in (
            ("units", "gone_units", "unit_key", "select * from new_units"),
            ("blocks", "gone_units", "unit_key", "select * from new_blocks"),
            ("identifiers", "changed", "person_record_id", "select * from identifiers"),
            ("records", "touched", "person_record_id", _touched_records_sql(changes, decision)),
        ):
            work.execute(f"delete from {state.table(table)} where {key} in (select {key} from {gone})")
            work.execute(f"insert into {state.table(table)} by name {new}")
        _replace_disputed(work, state, decision)
        for table in ("shared_values", "overrides", "blocklist"):
            work.execute(f"delete from {state.table(table)}")
            work.execute(f"insert into {state.table(table)} by name select * from {table}")
        return store_token(work, state, settings)


def _replace_disputed(work: duckdb.DuckDBPyConnection, state: State, decision: Workspace) -> None:
    """Disputes are about values that touched records hold or held; all others stand."""
    disputed = state.table("disputed")
    work.execute(
        f"""
        delete from {disputed}
        where (identifier_type, identifier_value) in (
            select (identifier_type, value) from {state.table("identifiers")} semi join touched using (person_record_id)
            union
            select (identifier_type, value) from gone_identifiers
        )
        """
    )
    work.execute(f"insert into {disputed} by name select * from {decision.catalog}.disputed_identifiers")


def _touched_records_sql(changes: Workspace, decision: Workspace) -> str:
    names = {"unit_members": decision, "row_hashes": changes, "neighbourhoods": decision}
    query = KEPT_RECORDS
    for name, workspace in names.items():
        query = query.replace(f" {name}", f" {workspace.catalog}.{name}")
    return query


def _shared_identifiers(work: duckdb.DuckDBPyConnection, state: State) -> pa.Table:
    kept = (state.table(name) for name in ("identifiers", "shared_values", "disputed"))
    return work.execute(shared_identifiers_sql(*kept)).to_arrow_table().cast(OUTPUT_SCHEMAS["shared_identifiers"])


def _count(workspace: Workspace, table: str) -> int:
    return int(workspace.connection.execute(f"select count(*) from {table}").fetchall()[0][0])
