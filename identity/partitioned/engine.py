"""What an engine of a partitioned resolution offers: four ways to make a step from the steps before it."""

from collections.abc import Callable
from typing import Protocol

import pyarrow as pa

from identity.partitioned.steps import Steps
from identity.partitioned.task import Resources

Stage = Callable[..., pa.Table]
"""A pure function from tables to one table, which can be pickled; its columns do not depend on the rows."""

BUCKET = "bucket"
"""The column of a query whose rows go to a stage together where they have the same value."""


class Engine(Protocol):
    """Makes steps: folders of Parquet files that all processes of the engine reach under the same path.

    A query is SQL that both DuckDB and Spark understand, on finished steps by their names.
    """

    @property
    def records_per_partition(self) -> int:
        """How many records one process holds at a time."""

    @property
    def records_of_sample(self) -> int:
        """How many records the process that trains a model may hold."""

    @property
    def resources(self) -> Resources:
        """What one process may use."""

    @property
    def resources_of_sample(self) -> Resources:
        """What the process that trains a model may use."""

    def select(self, steps: Steps, step: str, query: str) -> None:
        """Make a step of the rows of a query, in its order."""

    def map(self, steps: Steps, step: str, source: str, columns: tuple[str, ...], stage: Stage) -> None:
        """Make a step of what a stage makes of each part of another step, of some columns (none: all)."""

    def by_bucket(self, steps: Steps, step: str, query: str, stage: Stage) -> None:
        """Make a step of what a stage makes of the rows of a query, those of one bucket together."""

    def beside(self, steps: Steps, step: str, queries: tuple[str, str], stage: Stage) -> None:
        """Make a step of what a stage makes of the rows of two queries, those of one bucket together."""
