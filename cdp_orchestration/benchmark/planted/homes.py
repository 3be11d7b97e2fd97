"""Healthy homes, and what a gate says of a delivery that is planted in a copy of one.

Each home has three deliveries of one stream of the demo, which have landed and were accepted. The planted one lands by
the function that a sync lands with, and is compared by the one that the gate of the stream compares with.
"""

import copy
import json
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from cdp_orchestration.benchmark.planted.rows import (
    Change,
    Rearrangement,
    Row,
    moved,
    nothing,
    read_rows,
    write_rows,
)
from cdp_orchestration.benchmark.planted.source import write_own_source
from cdp_orchestration.demo import write_demo
from cdp_orchestration.figures.bounds import Compared
from cdp_orchestration.figures.comparing import compare_deliveries
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.landing.storage.views import create_landing_views
from cdp_orchestration.sources import Stream, declared_stream

NAME = "2026-08-01_planted"
Rows = Literal["new", "again", "old", "late", "next"]
"""Which rows a delivery has: such as were held back from the first one, the newest versions of all rows once more, the
oldest ones with new times of change, the oldest ones as they were, or those of the demo's next drop."""


@dataclass(frozen=True)
class Planted:
    """A delivery after three healthy ones.

    Attributes:
        name: what is planted, in words.
        stream: its stream.
        change: what happens to each row.
        of: which rows it has.
        rearranged: what happens to all of them, before the change.
        recoded: what happens to the bytes of the file.
        rows: how many rows it has at most.
        files: over how many files it is split; only the rows of the last one change.
    """

    name: str
    stream: str
    change: Change = nothing
    of: Rows = "new"
    rearranged: Rearrangement = list
    recoded: Callable[[bytes], bytes] = bytes
    rows: int = 2_000
    files: int = 1


@dataclass(frozen=True)
class Verdict:
    """What the gate of a landed stream said of a delivery: its figures, and how many rows were refused."""

    figures: Sequence[Compared]
    rows_landed: int
    rows_refused: int

    @property
    def stopping(self) -> set[str]:
        """The figures that stop the release."""
        return {each.figure.name for each in self.figures if not each.is_credible}

    @property
    def warning(self) -> set[str]:
        """The figures that warn; ``refused`` where rows or the file did not land."""
        refused = {"refused"} if self.rows_refused or not self.rows_landed else set()
        return {each.figure.name for each in self.figures if not each.is_usual}.union(refused)

    @property
    def lines(self) -> list[str]:
        """What is unusual, for people."""
        return [each.line for each in self.figures if not each.is_usual]


class HealthyHomes:
    """Homes in which three deliveries of a stream have landed and are accepted, each made once and copied."""

    def __init__(self, folder: Path, customers: int = 1_000) -> None:
        """Invent four deliveries of every stream, and those of a source that the home declares itself.

        Args:
            folder: an empty one, in which homes are made.
            customers: how many customers the demo has.
        """
        self._folder = folder
        write_demo(folder / "inbox", folder / "truth.csv", customers=customers, drops=(0, 1, 2, 3), processes=1)
        write_own_source(folder)

    def verdict(self, planted: Planted, home: Path) -> Verdict:
        """Deliver what is planted after the healthy deliveries, in a home that does not exist yet.

        Returns:
            What the gate of its stream says.

        Raises:
            RuntimeError: a healthy delivery was stopped, so that nothing would be compared with it.
        """
        files = sorted((self._folder / "inbox" / planted.stream).iterdir())
        schema = pq.read_schema(files[0]) if files[0].suffix == ".parquet" else None
        healthy = self._folder / f"{planted.stream.replace('/', '_')}_{planted.of}"
        stream = declared_stream(planted.stream, self._settings(healthy))
        history, held = _parted([read_rows(file) for file in files], stream, planted.of)
        if not (healthy / "inbox").exists():
            for file, rows in zip(files, history, strict=False):
                if rows:
                    found = _deliver(rows, file.name.removesuffix(".gz"), schema, stream, Settings(healthy))
                    if found.stopping:
                        raise RuntimeError(f"{file.name}: a healthy delivery was stopped by {found.stopping}")
        shutil.copytree(healthy, home)
        renew_views(home)
        changed = planted.rearranged(copy.deepcopy(held))[: planted.rows]
        unchanged = len(changed) * (planted.files - 1) // planted.files
        for row in changed[unchanged:]:
            planted.change(row)
        ending = files[0].name.partition(".")[2]
        if unchanged:
            _write(changed[:unchanged], f"{NAME}_first.{ending}", schema, stream, Settings(home))
        return _deliver(changed[unchanged:], f"{NAME}.{ending}", schema, stream, Settings(home), planted.recoded)

    def _settings(self, healthy: Path) -> Settings:
        if not healthy.exists():
            healthy.mkdir()
            shutil.copytree(self._folder / "sources", healthy / "sources")
        return Settings(healthy)


def _parted(drops: Sequence[list[Row]], stream: Stream, of: Rows) -> tuple[list[list[Row]], list[Row]]:
    """Return the rows of the healthy deliveries, and those of the planted one."""
    first, *later = drops[:3]
    if of == "next":
        return [first, *later], drops[3] if len(drops) > 3 else []
    versions = {_key(row, stream): row for rows in (first, *later) for row in rows}
    if of == "again":
        return [first, *later], [_newer(row, stream) for row in versions.values()]
    if of == "late":
        return [first, *later], list(
            {_key(row, stream): row for rows in (*reversed(later), first) for row in rows}.values()
        )
    if of == "old":
        oldest = {_key(row, stream): row for rows in (*reversed(later), first) for row in reversed(rows)}
        changed = [row for key, row in oldest.items() if row != versions[key]]
        return [first, *later], [_newer(row, stream) for row in changed]
    order = list(first)
    random.Random(1).shuffle(order)  # noqa: S311 # no secret depends on it
    return [order[: len(order) * 2 // 3], *later], order[len(order) * 2 // 3 :]


def _deliver(
    rows: Sequence[Row],
    name: str,
    schema: pa.Schema | None,
    stream: Stream,
    settings: Settings,
    recoded: Callable[[bytes], bytes] = bytes,
) -> Verdict:
    path = _write(rows, name, schema, stream, settings)
    path.write_bytes(recoded(path.read_bytes()))
    landed = land_stream(stream, settings)
    with open_warehouse(settings.warehouse) as connection:
        figures = compare_deliveries(connection, stream, path.stem, released_at=None).figures
    return Verdict(list(figures), landed.rows_landed, landed.rows_refused + landed.values_refused)


def _write(rows: Sequence[Row], name: str, schema: pa.Schema | None, stream: Stream, settings: Settings) -> Path:
    path = settings.inbox / stream.source / stream.name / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rows(path, rows, schema)
    return path


def renew_views(home: Path) -> None:
    """Create the views of a copied home again: they name the files of the home where they were made."""
    with open_warehouse(Settings(home).warehouse) as connection:
        create_landing_views(connection, Settings(home))


def _key(row: Row, stream: Stream) -> str:
    return json.dumps([row[name] for name in stream.key], default=str)


def _newer(row: Row, stream: Stream) -> Row:
    cursor = stream.cursor
    return {**row, cursor: moved(row[cursor], days=40)} if cursor else row
