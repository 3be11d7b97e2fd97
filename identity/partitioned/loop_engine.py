"""The loop: partitions one after another on one machine, each read from Parquet, whatever the population holds."""

import multiprocessing
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from identity.partitioned.engine import BUCKET, Stage
from identity.partitioned.steps import Steps
from identity.partitioned.task import Resources
from identity.workspace import text_literal

# What a decision takes for each record, in DuckDB and Arrow together, measured at a million records: 3.6 GiB
BYTES_PER_RECORD = 4_000
# Arrow tables, Python and numpy have the rest of the memory
SHARE_OF_DUCKDB = 0.6
_NO_ROWS = "no_rows.parquet"


@dataclass(frozen=True)
class LoopEngine:
    """Makes each step by DuckDB, and its partitions one after another, or in a pool of processes.

    Attributes:
        memory: bytes that all processes together may use.
        spill: the folder that DuckDB spills to.
        processes: how many partitions are worked on at a time; 1 works in this process, with all threads.
        most_records: a limit of the records of a partition, whatever fits in memory; None for none.
    """

    memory: int
    spill: Path
    processes: int = 1
    most_records: int | None = None

    @property
    def records_per_partition(self) -> int:
        """How many records one process holds at a time."""
        fitting = max(self.memory // self.processes // BYTES_PER_RECORD, 1)
        return min(fitting, self.most_records or fitting)

    @property
    def records_of_sample(self) -> int:
        """How many records fit in memory while nothing else is worked on."""
        return max(self.memory // BYTES_PER_RECORD, 1)

    @property
    def resources(self) -> Resources:
        """What one process may use."""
        return self._resources(self.processes, None if self.processes == 1 else 1)

    @property
    def resources_of_sample(self) -> Resources:
        """What this process may use while nothing else is worked on."""
        return self._resources(1, None)

    def _resources(self, processes: int, threads: int | None) -> Resources:
        return Resources(int(self.memory * SHARE_OF_DUCKDB) // processes, str(self.spill), threads)

    def select(self, steps: Steps, step: str, query: str) -> None:
        """Make a step of the rows of a query, in its order."""
        with self._database(steps) as work:
            work.execute(f"copy ({query}) to {steps.one_file(step)} (format parquet)")

    def map(self, steps: Steps, step: str, source: str, columns: tuple[str, ...], stage: Stage) -> None:
        """Make a step of what a stage makes of each file of another step."""
        works = [
            partial(_work, stage, ((file,),), columns, steps.path(step) / f"part-{number:05}.parquet")
            for number, file in enumerate(steps.files(source))
        ]
        self._work_all(works)

    def by_bucket(self, steps: Steps, step: str, query: str, stage: Stage) -> None:
        """Make a step of what a stage makes of the rows of a query, those of one bucket together."""
        self._make(steps, step, (query,), stage)

    def beside(self, steps: Steps, step: str, queries: tuple[str, str], stage: Stage) -> None:
        """Make a step of what a stage makes of the rows of two queries, those of one bucket together."""
        self._make(steps, step, queries, stage)

    def _make(self, steps: Steps, step: str, queries: tuple[str, ...], stage: Stage) -> None:
        moved = [f"{step}_rows_{number}" for number in range(len(queries))]
        for name, query in zip(moved, queries, strict=True):
            steps.make(name, partial(self._move, steps, name, query))
        found = sorted({path.name for name in moved for path in steps.path(name).glob(f"{BUCKET}=*")})
        buckets = found or [f"{BUCKET}=0"]  # a stage gives no rows their columns
        works = [
            partial(
                _work,
                stage,
                tuple(tuple(_files(steps.path(name), bucket)) for name in moved),
                (),
                steps.path(step) / f"part-{bucket.removeprefix(f'{BUCKET}=')}.parquet",
            )
            for bucket in buckets
        ]
        self._work_all(works)
        for name in moved:
            shutil.rmtree(steps.path(name))

    def _move(self, steps: Steps, name: str, query: str) -> None:
        """Write the rows of a query in a folder a bucket; one file without rows has the columns."""
        target = steps.path(name)
        shutil.rmtree(target)
        target.mkdir()
        with self._database(steps) as work:
            work.execute(
                f"copy (select * from (select * exclude ({BUCKET}) from ({query})) limit 0) "
                f"to {text_literal(target / _NO_ROWS)} (format parquet)"
            )
            in_folders = f"format parquet, partition_by ({BUCKET}), overwrite_or_ignore true"
            work.execute(f"copy ({query}) to {text_literal(target)} ({in_folders})")

    def _database(self, steps: Steps) -> duckdb.DuckDBPyConnection:
        """A database with a view of each finished step."""
        work = self.resources_of_sample.connect()
        work.execute("set preserve_insertion_order = false")
        for step in steps.finished():
            if steps.files(step):
                work.execute(f"create view {step} as from {steps.rows(step)}")
        return work

    def _work_all(self, works: Sequence[Callable[[], None]]) -> None:
        if self.processes == 1:
            for work in works:
                work()
            return
        with ProcessPoolExecutor(self.processes, mp_context=multiprocessing.get_context("spawn")) as pool:
            for done in [pool.submit(work) for work in works]:
                done.result()


def _files(folder: Path, bucket: str) -> Iterator[Path]:
    found = sorted((folder / bucket).glob("*.parquet"))
    yield from found or [folder / _NO_ROWS]


def _work(stage: Stage, inputs: tuple[tuple[Path, ...], ...], columns: tuple[str, ...], output: Path) -> None:
    """Make one file of a step, unless a killed run made it."""
    if output.is_file():
        return
    tables = (
        pa.concat_tables([pq.ParquetFile(file).read(list(columns) or None) for file in files]) for files in inputs
    )
    unfinished = output.with_suffix(".unfinished")
    pq.write_table(stage(*tables), unfinished)
    unfinished.replace(output)
