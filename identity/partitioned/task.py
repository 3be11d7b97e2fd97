"""One task of a stage: a DuckDB database in memory that holds the rows of one partition."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from identity.model.trained_model import TrainedModel
from identity.workspace import Workspace, open_workspace

# Spark has no unsigned numbers: the same 64 bits, less 2^63, which keeps their order
_MOVED_BY = 2**63
# With less DuckDB cannot hold the blocks that its operators work on, however few the rows are
_MIN_MEMORY = 512 << 20


@dataclass(frozen=True)
class Resources:
    """What one process may use.

    Attributes:
        memory: bytes for DuckDB, which gets half a GiB at least; what does not fit is spilled.
        spill: the folder to spill to, which is created; each database has one of its own in it.
        threads: the threads of DuckDB; None for one a core.
    """

    memory: int
    spill: str
    threads: int | None = None

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A database in memory within these bounds."""
        Path(self.spill).mkdir(parents=True, exist_ok=True)
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{max(self.memory, _MIN_MEMORY) >> 10}KiB",
            # DuckDB names its files alike in all databases: two that spill to one folder overwrite each other's
            "temp_directory": str(Path(self.spill) / uuid4().hex),
        }
        if self.threads is not None:
            settings["threads"] = self.threads
        connection = duckdb.connect(config=settings)
        connection.execute("set enable_progress_bar = false")
        return connection


@dataclass(frozen=True)
class StoredModel:
    """A saved model, by its folder and version; each process loads it once."""

    folder: Path
    version: str

    def load(self) -> TrainedModel:
        """The model."""
        return _load(self)


@lru_cache(maxsize=2)
def _load(model: StoredModel) -> TrainedModel:
    return TrainedModel.load(model.folder)


@contextmanager
def open_task(resources: Resources) -> Iterator[Workspace]:
    """Open a workspace in a database of its own, which is closed when the block ends."""
    with resources.connect() as caller, open_workspace(caller) as workspace:
        yield workspace


def put(work: duckdb.DuckDBPyConnection, name: str, rows: pa.Table | Path, query: str | None = None) -> None:
    """Create a work table of this name from rows, or from a query on them by the name `rows`.

    Args:
        work: the workspace.
        name: the name of the table.
        rows: the rows, or the folder of a small step that holds them.
        query: SQL on `rows`; None to take them as they are.
    """
    work.register("rows", pq.read_table(rows) if isinstance(rows, Path) else rows)
    work.execute(f"create table {name} as {query or 'select * from rows'}")
    work.unregister("rows")


def fetched(work: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """The rows of a query as a table that no longer depends on the workspace."""
    # DuckDB 1.5.5 waits for ever on a large union of joins that execute() hands over as it comes
    return work.sql(query).to_arrow_table()


def signed(number: str) -> str:
    """SQL of a hash as a signed number."""
    return f"cast(cast({number} as hugeint) - {_MOVED_BY} as bigint)"


def unsigned(number: str) -> str:
    """SQL of the hash that `signed` moved."""
    return f"cast(cast({number} as hugeint) + {_MOVED_BY} as ubigint)"
