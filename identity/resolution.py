"""Resolution of all person records: from the caller's table to clusters and edges."""

from dataclasses import replace
from functools import partial

import duckdb
import pyarrow as pa

from identity.clusters.neighbourhoods import create_row_hashes
from identity.decision import Clock, Resolution, decide
from identity.incremental.state import State, save_state, settings_key
from identity.limits import Limits
from identity.model.trained_model import TrainedModel
from identity.prepare.blocklist import create_blocklist
from identity.prepare.features import create_features
from identity.prepare.overrides import create_overrides
from identity.prepare.records import RecordMapping, load_records, read_caller_records
from identity.prepare.shared_identifiers import (
    create_identifiers,
    shared_identifiers,
    suppress_shared_values,
)
from identity.prepare.shared_values import find_shared_values
from identity.prepare.units import create_units
from identity.quality.figures import collect_figures
from identity.scoring.blocking import create_blocks, find_oversized_blocks
from identity.workspace import open_workspace


def resolve(
    connection: duckdb.DuckDBPyConnection,
    person_records: str | pa.Table,
    mapping: RecordMapping,
    *,
    model: TrainedModel | None = None,
    limits: Limits | None = None,
    overrides: pa.Table | None = None,
    blocklist: pa.Table | None = None,
    store_state_in: str | None = None,
    with_figures: bool = False,
) -> Resolution:
    """Decide which person records are one person: a function of these arguments, independent of row order.

    Leaves nothing in `connection` but the state. Fails with IdentityError when the records do not fit the mapping or
    overrides contradict each other.

    Args:
        connection: the caller's DuckDB connection.
        person_records: a table of `connection` by its (qualified) name, or an Arrow table.
        mapping: which column of the table holds what.
        model: the model that decides; None to train one on these records.
        limits: how much evidence is enough; None for the defaults.
        overrides: decisions about pairs of records; see OVERRIDES.
        blocklist: identifier values to suppress; see BLOCKLIST.
        store_state_in: a schema of `connection` for the state that resolve_changes needs; None stores no state.
        with_figures: whether to collect figures for charts, which costs one more scoring of a sample.

    Returns:
        The clusters of all records, with edges and shared identifiers.
    """
    limits = limits or Limits()
    with open_workspace(connection) as workspace:
        count = read_caller_records(connection, person_records, mapping, workspace)
        create_overrides(workspace.connection, overrides)
        create_blocklist(workspace.connection, blocklist)
        state = State(workspace.caller_catalog, store_state_in) if store_state_in else None
        found = _resolve_all(workspace.connection, mapping, model, limits, state, with_figures=with_figures)
    return replace(found, counts={"records": count, **found.counts})


def _resolve_all(
    work: duckdb.DuckDBPyConnection,
    mapping: RecordMapping,
    model: TrainedModel | None,
    limits: Limits,
    state: State | None,
    *,
    with_figures: bool,
) -> Resolution:
    clock = Clock()
    clock.time("load", lambda: load_records(work, mapping))
    clock.time("features", lambda: create_compared_units(work, model, limits))
    found = decide(work, model, limits, clock)
    decided_by = found.model
    token = None
    if state is not None:
        token = clock.time("state", partial(_store_state, work, state, mapping, decided_by, limits))
    figures = clock.time("figures", lambda: collect_figures(work, decided_by, limits)) if with_figures else None
    return replace(found, shared_identifiers=shared_identifiers(work), state_token=token, figures=figures)


def _store_state(
    work: duckdb.DuckDBPyConnection, state: State, mapping: RecordMapping, model: TrainedModel, limits: Limits
) -> str:
    create_row_hashes(work, mapping)
    return save_state(work, state, settings_key(model.version, mapping, limits))


def create_compared_units(work: duckdb.DuckDBPyConnection, model: TrainedModel | None, limits: Limits) -> None:
    """Create `units`, `blocks` and `oversized_blocks` from `records`, which are dropped.

    Args:
        work: the workspace, with `records`, `overridden` and `blocklist`.
        model: the model whose word roles and placeholder dates are used; None to learn them from these records.
        limits: the limits of the resolution.
    """
    create_features(work, model)
    create_identifiers(work)
    find_shared_values(work, limits)
    suppress_shared_values(work)
    create_units(work)
    work.execute("drop table records; drop table features")
    create_blocks(work)
    find_oversized_blocks(work, limits)
