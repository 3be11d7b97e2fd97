"""Who is who: the whole way from person records to clusters, in the order in which evidence is weighed."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from identity.attachment import attach_bare_units
from identity.blocking import create_candidate_pairs
from identity.components import cluster_units
from identity.deterministic import create_deterministic_pairs
from identity.evidence import clusters_table, create_record_clusters, edges_table
from identity.features import create_features, create_units
from identity.figures import Figures, collect_figures
from identity.household import create_weighed_pairs, learn_household
from identity.limits import Limits
from identity.linking import score_pairs
from identity.model import TrainedModel
from identity.records import RecordMapping, load_records
from identity.shared_identifiers import shared_identifiers, withhold_shared_values
from identity.training import train


@dataclass(frozen=True)
class Resolution:
    """The answer: clusters (one row per person record), edges and shared_identifiers (see OUTPUT_SCHEMAS), the model.

    figures, for charts, are there when asked for; counts are rows by name, skipped_blocks the blocks over the limit by
    blocking rule, seconds the time of each step.
    """

    clusters: pa.Table
    edges: pa.Table
    shared_identifiers: pa.Table
    model: TrainedModel
    figures: Figures | None = None
    counts: dict[str, int] = field(default_factory=dict)
    skipped_blocks: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def resolve(
    connection: duckdb.DuckDBPyConnection,
    person_records: str | pa.Table,
    mapping: RecordMapping,
    *,
    model: TrainedModel | None = None,
    limits: Limits | None = None,
    with_figures: bool = False,
) -> Resolution:
    """Decide which person records are one person: a function of records, model and limits, never of row order.

    `person_records` is a table of `connection` by its (qualified) name, or an Arrow table. Without a model, one is
    trained on these records. Figures cost one more scoring of a sample. Works in a private in-memory database and
    leaves nothing in `connection`. Raises IdentityError when the records do not fit the mapping.
    """
    limits = limits or Limits()
    seconds: dict[str, float] = {}
    with duckdb.connect() as work:
        work.execute("set preserve_insertion_order = true")
        run = _timed(seconds)
        record_count = run("load", lambda: load_records(connection, person_records, mapping, work))
        run("features", lambda: _prepare(work, limits))
        skipped = run("blocking", lambda: create_candidate_pairs(work, limits))
        trained = model or run("training", lambda: train(work))
        run("scoring", lambda: score_pairs(work, trained, "candidate_pairs"))
        if model is None:
            trained = learn_household(work, trained, "scored_candidate_pairs")
        create_weighed_pairs(work, trained, "scored_candidate_pairs", "weighed_pairs")
        run("deterministic", lambda: create_deterministic_pairs(work, "weighed_pairs"))
        counts = run("clustering", lambda: cluster_units(work, trained, limits))
        counts |= run("attachment", lambda: attach_bare_units(work, limits))
        create_record_clusters(work)
        edges = run("edges", lambda: edges_table(work, trained.version, limits))
        clusters = clusters_table(work)
        shared = shared_identifiers(work)
        counts |= _counts(work, record_count, clusters, edges)
        figures = run("figures", lambda: collect_figures(work, trained, limits)) if with_figures else None
    return Resolution(clusters, edges, shared, trained, figures, counts, skipped, seconds)


def _prepare(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    create_features(work)
    withhold_shared_values(work, limits)
    create_units(work)


def _counts(work: duckdb.DuckDBPyConnection, record_count: int, clusters: pa.Table, edges: pa.Table) -> dict[str, int]:
    units, pairs = work.execute(
        "select (select count(*) from units), (select count(*) from candidate_pairs)"
    ).fetchall()[0]
    return {
        "records": record_count,
        "units": int(units),
        "candidate_pairs": int(pairs),
        "edges": edges.num_rows,
        "clusters": len(clusters.column("cluster_id").unique()),
    }


def _timed(seconds: dict[str, float]) -> Callable[[str, Callable[[], Any]], Any]:
    def run(step: str, work: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        result = work()
        seconds[step] = round(time.perf_counter() - started, 3)
        return result

    return run
