"""Who is who: the whole way from person records to clusters, in the order in which evidence is weighed."""

from dataclasses import replace

import duckdb
import pyarrow as pa

from identity.clusters.neighbourhoods import create_row_hashes
from identity.decision import Clock, Resolution, decide
from identity.incremental.state import State, save_state, settings_key
from identity.limits import Limits
from identity.model.trained_model import TrainedModel
from identity.prepare.features import create_features, create_units
from identity.prepare.overrides import create_overrides
from identity.prepare.records import RecordMapping, load_records, read_caller_records
from identity.prepare.shared_identifiers import (
    create_blocklist,
    create_identifiers,
    find_shared_values,
    shared_identifiers,
    suppress_shared_values,
)
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
    """Decide which person records are one person: a function of these arguments, never of row order.

    `person_records` is a table of `connection` by its (qualified) name, or an Arrow table. Without a model, one is
    trained on these records. `overrides` and `blocklist` have the shapes of OVERRIDES and BLOCKLIST. Works in a
    private catalog in memory and leaves nothing in `connection`, unless `store_state_in` names a schema of it, where
    the state is kept from which resolve_changes goes on. Figures cost one more scoring of a sample.
    Raises IdentityError when the records do not fit the mapping or overrides contradict each other.
    """
    limits = limits or Limits()
    with open_workspace(connection) as workspace:
        work, clock = workspace.connection, Clock()
        count = read_caller_records(connection, person_records, mapping, workspace)
        create_overrides(work, overrides)
        create_blocklist(work, blocklist)
        clock.time("load", lambda: load_records(work, mapping))
        clock.time("features", lambda: _create_features(work, model, limits))
        resolution = decide(work, model, limits, clock)
        resolution = replace(resolution, shared_identifiers=shared_identifiers(work))
        if store_state_in:
            create_row_hashes(work, mapping)
            state = State(workspace.caller_catalog, store_state_in)
            settings = settings_key(resolution.model.version, mapping, limits)
            resolution = replace(resolution, state_token=clock.time("state", lambda: save_state(work, state, settings)))
        if with_figures:
            figures = clock.time("figures", lambda: collect_figures(work, resolution.model, limits))
            resolution = replace(resolution, figures=figures)
    return replace(resolution, counts={"records": count, **resolution.counts})


def _create_features(work: duckdb.DuckDBPyConnection, model: TrainedModel | None, limits: Limits) -> None:
    create_features(work, model)
    create_identifiers(work)
    find_shared_values(work, limits)
    suppress_shared_values(work)
    create_units(work)
    work.execute("drop table records; drop table features")
    create_blocks(work)
    find_oversized_blocks(work, limits)
