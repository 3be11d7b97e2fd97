"""Incremental resolution: the same result as a full resolution, at a cost that follows the size of the change."""

from dataclasses import replace

import duckdb
import pyarrow as pa

from identity.clusters.neighbourhoods import create_row_hashes
from identity.decision import Clock, Resolution
from identity.errors import IdentityError
from identity.incremental.changes import create_changed, find_touched
from identity.incremental.state import State, settings_key, store_token, stored_records_sql, transaction
from identity.incremental.touched_records import CONFLICTING_BLOCK, decide_touched
from identity.limits import Limits
from identity.model.trained_model import TrainedModel
from identity.prepare.blocklist import create_blocklist
from identity.prepare.overrides import create_overrides
from identity.prepare.records import RecordMapping, read_caller_records
from identity.prepare.shared_identifiers import shared_identifiers_sql
from identity.schemas import OUTPUT_SCHEMAS
from identity.workspace import Workspace, open_workspace


def stored_state_token(connection: duckdb.DuckDBPyConnection, schema: str) -> str | None:
    """The token of the state in a schema, None when there is no state; see Resolution.state_token."""
    catalog = connection.execute("select current_catalog()").fetchall()[0][0]
    return State(catalog, schema).token(connection)


def can_resolve_changes(
    connection: duckdb.DuckDBPyConnection, schema: str, mapping: RecordMapping, model: TrainedModel, limits: Limits
) -> bool:
    """Whether the state in a schema was made with exactly these settings."""
    token = stored_state_token(connection, schema)
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
    """Resolve the records that a change can influence, and bring the stored state up to date.

    Fails with IdentityError when the state is missing or was made with another model, mapping or limits.

    Args:
        connection: the caller's DuckDB connection.
        person_records: all present records; a table of `connection` by its (qualified) name, or an Arrow table.
        mapping: which column of the table holds what.
        model: the model that the state was made with.
        state_schema: the schema of `connection` that holds the state.
        limits: the limits that the state was made with; None for the defaults.
        overrides: all present overrides; see OVERRIDES.
        blocklist: the whole present blocklist; see BLOCKLIST.

    Returns:
        Clusters and edges of the touched records alone (see Resolution.touched). Together with the earlier results of
        all other records they equal those of resolve(...). shared_identifiers is that of the whole population.
    """
    limits, clock = limits or Limits(), Clock()
    require_state(connection, state_schema, mapping, model, limits)
    with open_workspace(connection) as changes, open_workspace(connection) as decision:
        state = State(changes.caller_catalog, state_schema)
        read_caller_records(connection, person_records, mapping, changes)
        create_blocklist(changes.connection, blocklist)
        for workspace in (changes, decision):
            create_overrides(workspace.connection, overrides)
        return _resolve_touched(changes, decision, state, mapping, model, limits, clock)


def _resolve_touched(
    changes: Workspace,
    decision: Workspace,
    state: State,
    mapping: RecordMapping,
    model: TrainedModel,
    limits: Limits,
    clock: Clock,
) -> Resolution:
    work = changes.connection
    clock.time("changes", lambda: create_row_hashes(work, mapping))
    create_changed(work, state)
    clock.time("touched", lambda: find_touched(work, state, mapping, model, limits))
    resolution = decide_touched(changes, decision, state, model, limits, clock)
    settings = settings_key(model.version, mapping, limits)
    token = clock.time("state", lambda: _update_state(changes, decision, state, settings))
    touched = work.execute("select * from touched order by person_record_id").to_arrow_table()
    shared = _shared_identifiers(work, state)
    counts = {"changed": _count(changes, "changed"), "touched": len(touched), **resolution.counts}
    return replace(resolution, counts=counts, state_token=token, touched=touched, shared_identifiers=shared)


def require_state(
    connection: duckdb.DuckDBPyConnection, schema: str, mapping: RecordMapping, model: TrainedModel, limits: Limits
) -> None:
    """Check that the state of a schema was made with exactly these settings.

    Args:
        connection: the caller's connection.
        schema: the schema of the state.
        mapping: the mapping to compare with.
        model: the model to compare with.
        limits: the limits to compare with.

    Raises:
        IdentityError: the state is missing or was made with other settings.
    """
    if not can_resolve_changes(connection, schema, mapping, model, limits):
        raise IdentityError(
            f"The state in schema {schema} is missing or was made with another model, mapping or limits than "
            f"{model.version}. Resolve everything with resolve(..., store_state_in='{schema}')."
        )


def _update_state(changes: Workspace, decision: Workspace, state: State, settings: str) -> str:
    work = changes.connection
    with transaction(work):
        for table, deleted, key, new in (
            ("units", "deleted_units", "unit_key", "select * from new_units"),
            ("blocks", "deleted_units", "unit_key", "select * from new_blocks"),
            ("identifiers", "changed", "person_record_id", "select * from identifiers"),
            ("records", "touched", "person_record_id", touched_records_sql(changes, decision)),
        ):
            work.execute(f"delete from {state.table(table)} where {key} in (select {key} from {deleted})")
            work.execute(f"insert into {state.table(table)} by name {new}")
        _replace_conflicting(work, state, decision)
        for table in ("oversized_blocks", "suppressed_values", "overrides", "blocklist"):
            work.execute(f"delete from {state.table(table)}")
            work.execute(f"insert into {state.table(table)} by name select * from {table}")
        return store_token(work, state, settings)


def _replace_conflicting(work: duckdb.DuckDBPyConnection, state: State, decision: Workspace) -> None:
    """Replace the conflicting identifiers that touched units have or had; all others stay."""
    stored = state.table("conflicting_identifiers")
    work.execute(
        f"""
        delete from {stored}
        where {CONFLICTING_BLOCK} in (
            select block from {decision.catalog}.blocks
            union all
            select block from blocks_to_reevaluate
        )
        """
    )
    work.execute(f"insert into {stored} by name select * from {decision.catalog}.conflicting_identifiers")


def touched_records_sql(changes: Workspace, decision: Workspace) -> str:
    """SQL of the rows that the state stores of the touched records, as they were decided."""
    return stored_records_sql(
        f"{decision.catalog}.unit_members", f"{changes.catalog}.row_hashes", f"{decision.catalog}.neighbourhoods"
    )


def _shared_identifiers(work: duckdb.DuckDBPyConnection, state: State) -> pa.Table:
    stored = (state.table(name) for name in ("identifiers", "suppressed_values", "conflicting_identifiers"))
    return work.execute(shared_identifiers_sql(*stored)).to_arrow_table().cast(OUTPUT_SCHEMAS["shared_identifiers"])


def _count(workspace: Workspace, table: str) -> int:
    return int(workspace.connection.execute(f"select count(*) from {table}").fetchall()[0][0])
