"""The steps of a partitioned resolution in their order: which stage makes which step of which rows."""

from dataclasses import dataclass
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from identity.clusters.components import SURE_PROBABILITY
from identity.limits import Limits, threshold_weight
from identity.partitioned import queries
from identity.partitioned.engine import Engine, Stage
from identity.partitioned.figures_of_steps import SAMPLED_UNITS
from identity.partitioned.placement import place_units
from identity.partitioned.stages_of_pairs import decided_of, pairs_of, ties_of
from identity.partitioned.stages_of_records import (
    blocks_of,
    features_of,
    identifiers_of,
    keyed_features_of,
    suppressed_of,
    units_of,
)
from identity.partitioned.steps import Steps
from identity.partitioned.task import StoredModel
from identity.prepare.records import RecordMapping
from identity.prepare.shared_identifiers import shared_identifiers_sql

# What a unit carries for other tasks than those that compare it
_NOT_COMPARED = ("members", "blocks")


@dataclass(frozen=True)
class Run:
    """One partitioned resolution.

    Attributes:
        engine: where the partitions are worked on.
        steps: the steps, with `records`, `overrides` and `blocklist` to begin with.
        limits: the limits of the resolution.
        buckets: the number of partitions.
    """

    engine: Engine
    steps: Steps
    limits: Limits
    buckets: int

    def find_units(self, mapping: RecordMapping, model: StoredModel) -> None:
        """Make the steps from `records` to `units` and `blocks`, by the word roles and placeholder dates of a model."""
        folder, resources = self.steps.path, self.engine.resources
        self._map("features", "records", partial(features_of, mapping=mapping, model=model, resources=resources))
        columns = ("person_record_id", "identifiers", "given_name", "initials")
        self._map("identifiers", "features", partial(identifiers_of, resources=resources), columns)
        suppressed = partial(suppressed_of, limits=self.limits, blocklist=folder("blocklist"), resources=resources)
        self._by_bucket("suppressed_values", queries.holders(self.limits, self.buckets), suppressed)
        small = {"suppressed": folder("suppressed_values"), "overrides": folder("overrides")}
        self._map("keyed_features", "features", partial(keyed_features_of, **small, resources=resources))
        of_unit = f"select {queries.in_buckets('unit_key', self.buckets)}, * from keyed_features"
        self._by_bucket("units", of_unit, partial(units_of, overrides=folder("overrides"), resources=resources))
        self._map("blocks", "units", partial(blocks_of, resources=resources), ("unit_key", "blocks"))

    def find_pairs(self) -> None:
        """Make the steps from `blocks` to `pairs`."""
        self._select("oversized_blocks", queries.oversized_blocks(self.limits))
        self._select("override_pairs", queries.OVERRIDE_PAIRS)
        blocks = queries.usable_blocks(self.buckets)
        self._by_bucket("block_pairs", blocks, partial(pairs_of, resources=self.engine.resources))
        self._select("pairs", queries.PAIRS)

    def decide(self, model: StoredModel) -> None:
        """Make the steps from `pairs` to `decided`: first which units belong together, then what they are."""
        resources = self.engine.resources
        scored = (queries.scored_pairs(self.buckets), queries.scored_units(self.buckets, self.compared_columns()))
        weigh = partial(ties_of, model=model, limits=self.limits, resources=resources)
        self.steps.make("ties", lambda: self.engine.beside(self.steps, "ties", scored, weigh))
        self._select("edges_of_units", queries.edges_of_units(self.limits))
        self.steps.make("components", self._place)
        decided = partial(
            decided_of,
            model=model,
            limits=self.limits,
            overrides=self.steps.path("overrides"),
            oversized=self.steps.path("oversized_blocks"),
            resources=resources,
        )
        self._by_bucket("decided", queries.placed_units(self.buckets, self.steps.columns("units")), decided)

    def name_results(self, *, with_figures: bool) -> None:
        """Make the steps that are results of `decided`."""
        self._select("conflicting_identifiers", queries.CONFLICTING_IDENTIFIERS)
        self._select("shared_identifiers", shared_identifiers_sql())
        self._select("clusters", queries.CLUSTERS)
        self._select("edges", queries.EDGES)
        self._select("counts", queries.COUNTS)
        if with_figures:
            self._select("pairs_by_weight", queries.PAIRS_BY_WEIGHT)
            self._select("sampled_units", SAMPLED_UNITS.format(columns=", ".join(self.compared_columns())))

    def compared_columns(self) -> tuple[str, ...]:
        """The columns of `units` that comparing them takes."""
        return tuple(name for name in self.steps.columns("units") if name not in _NOT_COMPARED)

    def _place(self) -> None:
        with duckdb.connect() as work:
            work.execute(f"create view edges as from {self.steps.rows('edges_of_units')}")
            edges = work.execute("select one_key, other_key, weight from edges").fetchnumpy()
        one, other = (np.asarray(edges[name], dtype=np.int64) for name in ("one_key", "other_key"))
        ties = (one, other, np.asarray(edges["weight"], dtype=np.float64))
        # The last ties that a neighbourhood too large for a partition keeps are those that are clustered first
        probabilities = (self.limits.review_probability, self.limits.link_probability, SURE_PROBABILITY)
        thresholds = tuple(threshold_weight(probability) for probability in probabilities)
        found = place_units(ties, self.buckets, self.engine.records_per_partition, thresholds)
        pq.write_table(found.units, self.steps.path("components") / "part-0.parquet")
        self.steps.put("placement", pa.table({"name": list(found.counts), "number": list(found.counts.values())}))

    def _select(self, step: str, query: str) -> None:
        self.steps.make(step, lambda: self.engine.select(self.steps, step, query))

    def _map(self, step: str, source: str, stage: Stage, columns: tuple[str, ...] = ()) -> None:
        self.steps.make(step, lambda: self.engine.map(self.steps, step, source, columns, stage))

    def _by_bucket(self, step: str, query: str, stage: Stage) -> None:
        self.steps.make(step, lambda: self.engine.by_bucket(self.steps, step, query, stage))
