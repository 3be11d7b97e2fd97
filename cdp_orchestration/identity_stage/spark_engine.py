"""The engine on Spark: Spark moves the rows, the stages decide in DuckDB, one bucket a task.

Imported only where Spark is used: pyspark is an extra, and needs Java 17. Executors need the folder of the steps under
the same path. What is called works on a Spark Connect server as well: no SparkContext, no broadcast.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cdp_orchestration.home.spark_session import spark_session
from identity.partitioned.engine import BUCKET, Stage
from identity.partitioned.loop_engine import BYTES_PER_RECORD, SHARE_OF_DUCKDB
from identity.partitioned.steps import Steps
from identity.partitioned.task import Resources

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# A task costs some seconds whatever it holds, so that it should hold many records
_RECORDS_PER_PARTITION = 250_000


@dataclass(frozen=True)
class SparkEngine:
    """Makes each step by Spark.

    Attributes:
        session: the session, of a cluster or of this machine.
        task_memory: bytes that the Python process of one task may use.
        driver_memory: bytes that this process may use.
        spill: the folder that DuckDB spills to, on each machine.
        most_records: the records of a partition at most.
    """

    session: "SparkSession"
    task_memory: int
    driver_memory: int
    spill: Path
    most_records: int = _RECORDS_PER_PARTITION

    @property
    def records_per_partition(self) -> int:
        """How many records one task holds."""
        return min(max(self.task_memory // BYTES_PER_RECORD, 1), self.most_records)

    @property
    def records_of_sample(self) -> int:
        """How many records fit in the memory of this process."""
        return max(self.driver_memory // BYTES_PER_RECORD, 1)

    @property
    def resources(self) -> Resources:
        """What one task may use: one thread, since Spark starts a task for each core."""
        return Resources(int(self.task_memory * SHARE_OF_DUCKDB), str(self.spill), threads=1)

    @property
    def resources_of_sample(self) -> Resources:
        """What this process may use."""
        return Resources(int(self.driver_memory * SHARE_OF_DUCKDB), str(self.spill))

    def select(self, steps: Steps, step: str, query: str) -> None:
        """Make a step of the rows of a query, in its order."""
        _write(self._rows(steps, query), steps, step)

    def map(self, steps: Steps, step: str, source: str, columns: tuple[str, ...], stage: Stage) -> None:
        """Make a step of what a stage makes of each part of another step."""
        rows = self._rows(steps, f"select {', '.join(columns) or '*'} from {source}")
        most = self.records_per_partition

        def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for table in _tables_of(batches, most):
                yield from stage(table).to_batches()

        _write(rows.mapInArrow(work, _schema(stage, rows)), steps, step)

    def by_bucket(self, steps: Steps, step: str, query: str, stage: Stage) -> None:
        """Make a step of what a stage makes of the rows of a query, those of one bucket together."""
        rows = self._rows(steps, query)

        def work(table: pa.Table) -> pa.Table:
            return stage(table.drop_columns([BUCKET]))

        _write(rows.groupBy(BUCKET).applyInArrow(work, _schema(work, rows)), steps, step)

    def beside(self, steps: Steps, step: str, queries: tuple[str, str], stage: Stage) -> None:
        """Make a step of what a stage makes of the rows of two queries, those of one bucket together."""
        left, right = (self._rows(steps, query) for query in queries)

        def work(one: pa.Table, other: pa.Table) -> pa.Table:
            return stage(one.drop_columns([BUCKET]), other.drop_columns([BUCKET]))

        together = left.groupBy(BUCKET).cogroup(right.groupBy(BUCKET))
        _write(together.applyInArrow(work, _schema(work, left, right)), steps, step)

    def _rows(self, steps: Steps, query: str) -> "DataFrame":
        # To read a step's schema is a job of its own, so that only the steps that the query names are opened
        named = set(re.findall(r"\w+", query))
        for step in steps.finished():
            if step in named and steps.files(step):
                self.session.read.parquet(_pattern(steps.path(step))).createOrReplaceTempView(step)
        return self.session.sql(query)


def open_spark(
    master: str | None,
    task_memory: int,
    driver_memory: int,
    spill: Path,
    most_records: int = _RECORDS_PER_PARTITION,
) -> SparkEngine:
    """Open a session: of the Connect server in ``SPARK_REMOTE``, of a master, or of this machine.

    Args:
        master: the master of a cluster; None for all cores of this machine, unless ``SPARK_REMOTE`` is set.
        task_memory: bytes that the Python process of one task may use.
        driver_memory: bytes that this process may use.
        spill: the folder that DuckDB spills to, on each machine.
        most_records: the records of a partition at most.

    Returns:
        The engine.
    """
    return SparkEngine(spark_session(master), task_memory, driver_memory, spill, most_records)


def _write(rows: "DataFrame", steps: Steps, step: str) -> None:
    rows.write.mode("overwrite").parquet(_place(steps.path(step)))


def _place(folder: Path) -> str:
    """The address of a folder, in which Hadoop takes a percent sign for itself, other than in a URI."""
    return f"file://{folder}"


def _pattern(folder: Path) -> str:
    """The address of a folder to read from, where brackets and stars have to be what they are."""
    return re.sub(r"[\\\[\]{}*?^]", r"\\\g<0>", _place(folder))


def _tables_of(batches: Iterator[pa.RecordBatch], most: int) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(each.num_rows for each in held) >= most:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _schema(work: Callable[..., pa.Table], *rows: "DataFrame") -> Any:
    """The schema of what a function makes of rows: Spark has to know it before, so it makes it of none."""
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

    none = (to_arrow_schema(each.schema, timezone="UTC").empty_table() for each in rows)
    return from_arrow_schema(work(*none).schema)
