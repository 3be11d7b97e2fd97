"""Who is who: the whole way from person records to clusters, in the order in which evidence is weighed."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import duckdb
import pyarrow as pa

from identity.attachment import attach_bare_units, attach_numbered_units
from identity.blocking import create_blocks, create_candidate_pairs, find_oversized_blocks
from identity.components import cluster_units
from identity.deterministic import create_deterministic_pairs
from identity.evidence import clusters_table, create_record_clusters, edges_table
from identity.features import create_features, create_units
from identity.figures import Figures, collect_figures
from identity.household import create_weighed_pairs, learn_household
from identity.joining import join_clusters
from identity.limits import Limits
from identity.linking import score_pairs
from identity.model import TrainedModel
from identity.neighbourhoods import create_neighbourhoods, create_row_hashes
from identity.overrides import create_override_pairs, create_overrides
from identity.records import RecordMapping, load_records, read_caller_records
from identity.schemas import OUTPUT_SCHEMAS
from identity.shared_identifiers import (
    create_blocklist,
    create_identifiers,
    find_shared_values,
    shared_identifiers,
    withhold_shared_values,
)
from identity.state import State, save_state, settings_key
from identity.training import train
from identity.workspace import open_workspace

T = TypeVar("T")


@dataclass(frozen=True)
class Resolution:
    """The answer: clusters (one row per person record), edges and shared_identifiers (see OUTPUT_SCHEMAS), the model.

    figures, for charts, are there when asked for; counts are rows by name, skipped_blocks the blocks over the limit by
    blocking rule, seconds the time of each step. state_token names the state that was kept. touched (person_record_id)
    is None when all records were resolved; otherwise clusters and edges are those of the touched records alone, and
    replace theirs.
    """

    clusters: pa.Table
    edges: pa.Table
    shared_identifiers: pa.Table
    model: TrainedModel
    figures: Figures | None = None
    counts: dict[str, int] = field(default_factory=dict)
    skipped_blocks: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    state_token: str | None = None
    touched: pa.Table | None = None


def resolve(
    connection: duckdb.DuckDBPyConnection,
    person_records: str | pa.Table,
    mapping: RecordMapping,
    *,
    model: TrainedModel | None = None,
    limits: Limits | None = None,
    overrides: pa.Table | None = None,
    blocklist: pa.Table | None = None,
    keep_state_in: str | None = None,
    with_figures: bool = False,
) -> Resolution:
    """Decide which person records are one person: a function of these arguments, never of row order.

    `person_records` is a table of `connection` by its (qualified) name, or an Arrow table. Without a model, one is
    trained on these records. `overrides` and `blocklist` have the shapes of OVERRIDES and BLOCKLIST. Works in a
    private catalog in memory and leaves nothing in `connection`, unless `keep_state_in` names a schema of it, where
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
        if keep_state_in:
            create_row_hashes(work, mapping)
            state = State(workspace.caller_catalog, keep_state_in)
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
    withhold_shared_values(work)
    create_units(work)
    work.execute("drop table records; drop table features")
    create_blocks(work)
    find_oversized_blocks(work, limits)


def decide(
    work: duckdb.DuckDBPyConnection,
    model: TrainedModel | None,
    limits: Limits,
    clock: "Clock",
    known: str | None = None,
    settled_disputes: str | None = None,
) -> "Resolution":
    """Resolve the units of a workspace; shared_identifiers, which are the whole population's, are left empty.

    Needs what the steps before made: `unit_members`, `units`, `blocks`, `overrides` and what is known of the whole
    population, `oversized_blocks`. Every further decision hangs on a record's neighbourhood alone. `known` names a
    table of pairs that were scored before, `settled_disputes` one of disputes that stand; see score_pairs and
    create_deterministic_pairs.
    """
    create_override_pairs(work)
    skipped = clock.time("blocking", lambda: create_candidate_pairs(work))
    trained = model or clock.time("training", lambda: train(work))
    clock.time("scoring", lambda: score_pairs(work, trained, "candidate_pairs", known))
    if model is None:
        trained = learn_household(work, trained, "scored_candidate_pairs")
    create_weighed_pairs(work, trained, "scored_candidate_pairs", "weighed_pairs")
    work.execute("drop table scored_candidate_pairs")
    clock.time("deterministic", lambda: create_deterministic_pairs(work, "weighed_pairs", settled_disputes))
    counts = clock.time("clustering", lambda: cluster_units(work, trained, limits))
    create_neighbourhoods(work, limits)
    attach_numbered_units(work, limits)
    counts["clusters_joined"] = clock.time("joining", lambda: join_clusters(work, trained, limits))
    counts |= clock.time("attachment", lambda: attach_bare_units(work, limits))
    create_record_clusters(work)
    edges = clock.time("edges", lambda: edges_table(work, trained, limits))
    clusters = clusters_table(work)
    shared = OUTPUT_SCHEMAS["shared_identifiers"].empty_table()
    counts |= _counts(work, clusters, edges)
    return Resolution(clusters, edges, shared, trained, None, counts, skipped, clock.seconds)


def _counts(work: duckdb.DuckDBPyConnection, clusters: pa.Table, edges: pa.Table) -> dict[str, int]:
    units, pairs = work.execute(
        "select (select count(*) from units), (select count(*) from candidate_pairs)"
    ).fetchall()[0]
    return {
        "units": int(units),
        "candidate_pairs": int(pairs),
        "edges": edges.num_rows,
        "clusters": len(clusters.column("cluster_id").unique()),
    }


class Clock:
    """The seconds that each step took, by its name."""

    def __init__(self) -> None:
        """Start with no step timed."""
        self.seconds: dict[str, float] = {}

    def time(self, step: str, work: Callable[[], T]) -> T:
        """Do the work of a step and return its result."""
        started = time.perf_counter()
        result = work()
        self.seconds[step] = round(time.perf_counter() - started, 3)
        return result
