"""Resolution of all person records in partitions: the same answer as `resolve`, without all records in memory."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from identity.decision import Resolution
from identity.incremental.state import State, settings_key
from identity.limits import Limits
from identity.model.trained_model import TrainedModel
from identity.partitioned.engine import Engine
from identity.partitioned.figures_of_steps import figures_of_steps
from identity.partitioned.inputs import key_of_inputs, store_inputs
from identity.partitioned.population_frequencies import with_frequencies_of_all
from identity.partitioned.run import Run
from identity.partitioned.sample_training import train_on_sample
from identity.partitioned.steps import Steps
from identity.partitioned.stored_state import store_state
from identity.partitioned.task import StoredModel
from identity.prepare.blocklist import create_blocklist
from identity.prepare.overrides import create_overrides
from identity.prepare.records import RecordMapping, read_caller_records
from identity.schemas import CLUSTERS, OUTPUT_SCHEMAS
from identity.scoring.blocking import blocking_rules
from identity.workspace import open_workspace

# Shares of so many records are known to the third digit
_MAX_SAMPLE = 2_000_000


def resolve_partitioned(
    engine: Engine,
    connection: duckdb.DuckDBPyConnection,
    person_records: str | pa.Table,
    mapping: RecordMapping,
    *,
    folder: Path,
    model: TrainedModel | None = None,
    limits: Limits | None = None,
    overrides: pa.Table | None = None,
    blocklist: pa.Table | None = None,
    store_state_in: str | None = None,
    with_figures: bool = False,
) -> Resolution:
    """Decide which person records are one person, as `resolve` does, without holding all of them in memory.

    Fails with IdentityError as `resolve` does.

    Args:
        engine: where the partitions are worked on.
        connection: the caller's DuckDB connection.
        person_records: a table of `connection` by its (qualified) name, or an Arrow table.
        mapping: which column of the table holds what.
        folder: where the steps are written, which all processes of the engine reach under this path. A killed run with
            the same inputs goes on from there. The results are read from there; it is the caller's to remove.
        model: the model that decides; None to train one on a uniform sample of the records that fits in memory.
        limits: how much evidence is enough; None for the defaults.
        overrides: decisions about pairs of records; see OVERRIDES.
        blocklist: identifier values to suppress; see BLOCKLIST.
        store_state_in: a schema of `connection` for the state that resolve_changes needs; None stores no state.
        with_figures: whether to collect figures for charts.

    Returns:
        The resolution; its clusters, edges and shared identifiers are datasets of Parquet files in the folder.
    """
    limits = limits or Limits()
    with open_workspace(connection) as workspace:
        work = workspace.connection
        count = read_caller_records(connection, person_records, mapping, workspace)
        create_overrides(work, overrides)
        create_blocklist(work, blocklist)
        key = key_of_inputs(work, engine, mapping, limits, model.version if model else None)
        steps = Steps.open(folder, key)
        store_inputs(work, steps, engine, mapping)
        run = Run(engine, steps, limits, max(-(-count // engine.records_per_partition), 1))
        stored = _make_steps(run, mapping, model, count, with_figures=with_figures)
        token = None
        if store_state_in is not None:
            state, settings = (
                State(workspace.caller_catalog, store_state_in),
                settings_key(stored.version, mapping, limits),
            )
            token = steps.clock.time("state", lambda: store_state(work, steps, state, settings))
    return _resolution(run, stored.load(), count, token, with_figures=with_figures)


def _make_steps(
    run: Run, mapping: RecordMapping, model: TrainedModel | None, count: int, *, with_figures: bool
) -> StoredModel:
    """Make all steps after the inputs; return the model that decided."""
    engine, steps = run.engine, run.steps
    sample = min(_MAX_SAMPLE, engine.records_of_sample)
    resources = engine.resources_of_sample
    stored = _stored(steps, "model", lambda: model or train_on_sample(steps, mapping, run.limits, resources, sample))
    run.find_units(mapping, stored)
    if model is None and count > sample:
        learnt = stored.load()
        stored = _stored(
            steps, "model_of_all", lambda: with_frequencies_of_all(engine, steps, learnt, run.compared_columns())
        )
    run.find_pairs()
    run.decide(stored)
    run.name_results(with_figures=with_figures)
    return stored


def _stored(steps: Steps, step: str, made: Callable[[], TrainedModel]) -> StoredModel:
    """Make a step that is a model."""
    folder = steps.path(step) / "trained"
    steps.make(step, lambda: made().save(folder))
    return StoredModel(folder, TrainedModel.load(folder).version)


def _resolution(run: Run, model: TrainedModel, count: int, token: str | None, *, with_figures: bool) -> Resolution:
    steps = run.steps
    counts = {"records": count, "candidate_pairs": steps.row_count("pairs")}
    for step in ("counts", "placement"):
        counts |= {row["name"]: int(row["number"]) for row in pq.read_table(steps.path(step)).to_pylist()}
    resources = run.engine.resources_of_sample
    figures = figures_of_steps(steps, model, run.limits, resources) if with_figures else None
    schemas = {"clusters": CLUSTERS, "edges": OUTPUT_SCHEMAS["match_edges"]}
    clusters, edges, shared = (
        ds.dataset(steps.files(step), schema=schemas.get(step, OUTPUT_SCHEMAS.get(step)), format="parquet")
        for step in ("clusters", "edges", "shared_identifiers")
    )
    skipped = _skipped_blocks(steps)
    return Resolution(clusters, edges, shared, model, figures, counts, skipped, steps.clock.seconds, token)


def _skipped_blocks(steps: Steps) -> dict[str, int]:
    """The number of oversized blocks by the name of their rule."""
    names = list(blocking_rules())
    rules = pq.read_table(steps.path("oversized_blocks"), columns=["rule"]).column("rule").value_counts()
    return {names[row["values"]]: row["counts"] for row in rules.to_pylist()}
