"""The steps of a decision in their order: from the units of a workspace to clusters and edges."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import duckdb
import pyarrow as pa

from identity.clusters.components import cluster_units
from identity.clusters.edges import clusters_table, create_record_clusters, edges_table
from identity.clusters.merging import merge_clusters
from identity.clusters.must_links import join_must_links
from identity.clusters.neighbourhoods import create_neighbourhoods
from identity.clusters.sparse_records import assign_sparse_units, assign_units_by_identifier
from identity.limits import Limits
from identity.model.trained_model import TrainedModel
from identity.prepare.overrides import create_override_pairs
from identity.quality.figures import Figures
from identity.schemas import OUTPUT_SCHEMAS
from identity.scoring.blocking import create_candidate_pairs
from identity.scoring.deterministic import create_deterministic_pairs
from identity.scoring.match_weights import create_weighed_pairs
from identity.scoring.scoring import score_pairs
from identity.training.household import learn_household
from identity.training.training import train

T = TypeVar("T")


@dataclass(frozen=True)
class Resolution:
    """The result of a resolution.

    Attributes:
        clusters: one row per person record; see CLUSTERS.
        edges: one row per pair of records that is linked or to be reviewed; see OUTPUT_SCHEMAS['match_edges'].
        shared_identifiers: one row per suppressed identifier value; see OUTPUT_SCHEMAS.
        model: the model that decided.
        figures: for charts; None unless the caller wanted them.
        counts: rows by name.
        skipped_blocks: the number of blocks over the limit, by blocking rule.
        seconds: the duration of each step.
        state_token: names the stored state; None when no state was stored.
        touched: one row per record (person_record_id) that was resolved again; None when all records were resolved.
            When there is a table, clusters and edges cover the touched records alone and replace theirs.
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


def decide(
    work: duckdb.DuckDBPyConnection,
    model: TrainedModel | None,
    limits: Limits,
    clock: "Clock",
    known: str | None = None,
    known_conflicts: str | None = None,
) -> Resolution:
    """Resolve the units of a workspace; a decision depends on a record's neighbourhood and `oversized_blocks` alone.

    Args:
        work: the workspace, with `unit_members`, `units`, `blocks`, `overrides` and `oversized_blocks`.
        model: the model that decides; None to train one on these units.
        limits: the thresholds, and the limits of one profile.
        clock: takes the seconds of each step.
        known: a table of pairs that were scored before; see score_pairs.
        known_conflicts: a table of conflicting identifiers that do not change; see create_deterministic_pairs.

    Returns:
        The resolution; its shared_identifiers, which belong to the whole population, are empty.
    """
    create_override_pairs(work)
    skipped = clock.time("blocking", lambda: create_candidate_pairs(work))
    trained = model or _score_and_train(work, clock)
    if model is not None:
        clock.time("scoring", lambda: score_pairs(work, trained, "candidate_pairs", known))
    create_weighed_pairs(work, trained, "scored_candidate_pairs", "weighed_pairs")
    work.execute("drop table scored_candidate_pairs")
    clock.time("deterministic", lambda: create_deterministic_pairs(work, "weighed_pairs", known_conflicts))
    counts = clock.time("clustering", lambda: cluster_units(work, trained, limits))
    create_neighbourhoods(work, limits)
    assign_units_by_identifier(work, limits)
    counts["clusters_merged"] = clock.time("merging", lambda: merge_clusters(work, trained, limits))
    join_must_links(work)
    counts |= clock.time("assignment", lambda: assign_sparse_units(work, limits))
    create_record_clusters(work)
    edges = clock.time("edges", lambda: edges_table(work, trained, limits))
    clusters, shared = clusters_table(work), OUTPUT_SCHEMAS["shared_identifiers"].empty_table()
    counts |= _counts(work, clusters, edges)
    return Resolution(clusters, edges, shared, trained, None, counts, skipped, clock.seconds)


def train_model(work: duckdb.DuckDBPyConnection, population: int | None = None) -> TrainedModel:
    """Train a model on the units of a workspace, and decide nothing.

    Args:
        work: the workspace, with `unit_members`, `units`, `blocks`, `overrides` and `oversized_blocks`.
        population: the number of units that these are a uniform sample of; None when they are all.

    Returns:
        The model that `decide` would train on the same units.
    """
    create_override_pairs(work)
    create_candidate_pairs(work)
    return _score_and_train(work, Clock(), population)


def _score_and_train(work: duckdb.DuckDBPyConnection, clock: "Clock", population: int | None = None) -> TrainedModel:
    trained = clock.time("training", lambda: train(work, population))
    clock.time("scoring", lambda: score_pairs(work, trained, "candidate_pairs"))
    return learn_household(work, trained, "scored_candidate_pairs")


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
    """The seconds of each step, by its name."""

    def __init__(self) -> None:
        """Start with no step timed."""
        self.seconds: dict[str, float] = {}

    def time(self, step: str, work: Callable[[], T]) -> T:
        """Do the work of a step and return its result."""
        started = time.perf_counter()
        result = work()
        self.seconds[step] = round(time.perf_counter() - started, 3)
        return result
