"""The folder of a partitioned resolution: a folder of Parquet a step, and a mark on each that is finished.

A run that was killed goes on after its last finished step. The folder belongs to one key of inputs and settings: a run
with another key empties it first.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from glob import escape
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from identity.decision import Clock
from identity.workspace import text_literal

_KEY = "key.txt"
_MARK = "_SUCCESS"
_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Steps:
    """The steps of one run.

    Attributes:
        folder: the folder of the run.
        clock: takes the seconds of each step that is made.
    """

    folder: Path
    clock: Clock = field(default_factory=Clock)

    @classmethod
    def open(cls, folder: Path, key: str) -> "Steps":
        """Open the folder of a run; what it holds of a run with another key is removed.

        Args:
            folder: the folder of the run, which is created.
            key: names everything that decides the result.

        Returns:
            The steps, with those that a killed run with the same key finished.
        """
        written = folder / _KEY
        if not written.is_file() or written.read_text(encoding="utf-8") != key:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            written.write_text(key, encoding="utf-8")
        return cls(folder)

    def path(self, step: str) -> Path:
        """The folder of a step."""
        return self.folder / step

    def make(self, step: str, work: Callable[[], None]) -> None:
        """Make a step, unless it is finished, and mark it; what a killed run left of it stays for the work to use."""
        if not self.is_finished(step):
            self.path(step).mkdir(exist_ok=True)
            self.clock.time(step, work)
            (self.path(step) / _MARK).touch()

    def put(self, step: str, table: pa.Table) -> None:
        """Make a step of a small table, unless it is finished."""
        self.make(step, lambda: pq.write_table(table, self.path(step) / "part-0.parquet"))

    def is_finished(self, step: str) -> bool:
        """Whether a step is finished."""
        return (self.path(step) / _MARK).is_file()

    def finished(self) -> Iterator[str]:
        """Yield the name of each finished step, in order of name."""
        yield from sorted(mark.parent.name for mark in self.folder.glob(f"*/{_MARK}"))

    def files(self, step: str) -> list[Path]:
        """The Parquet files of a step, in order of name."""
        return sorted(self.path(step).glob("*.parquet"))

    def rows(self, step: str) -> str:
        """SQL of the rows of a step."""
        # The folder may have brackets and stars in its own path
        return f"read_parquet({text_literal(escape(str(self.path(step))) + '/*.parquet')})"

    def one_file(self, step: str) -> str:
        """SQL of the path of the file of a step that is written at once."""
        return text_literal(self.path(step) / "part-0.parquet")

    def row_count(self, step: str) -> int:
        """The number of rows of a finished step."""
        return sum(pq.read_metadata(file).num_rows for file in self.files(step))

    def columns(self, step: str) -> list[str]:
        """The columns of a finished step, in their order."""
        return list(pq.read_schema(self.files(step)[0]).names)


def run_key(*inputs: object) -> str:
    """A hash of inputs and settings, as JSON, and of the code of this package."""
    return hashlib.sha256(json.dumps([*inputs, _code()], sort_keys=True, default=str).encode()).hexdigest()


@cache
def _code() -> str:
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
