"""Files of the demo as rows, changed and delivered again: what the tests of damages and clean variations plant."""

import csv
import gzip
import json
import random
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cdp_orchestration.figures.bounds import Compared
from cdp_orchestration.figures.comparing import compare_deliveries
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.landing.views import create_landing_views
from cdp_orchestration.sources import Stream, declared_stream

Row = dict[str, Any]
Change = Callable[[Row], None]
NAME = "2026-08-01_changed"


@dataclass(frozen=True)
class Delivery:
    """A delivery after healthy ones.

    Attributes:
        name: what is planted, in words.
        stream: its stream.
        change: what happens to each row.
        is_redelivery: whether it has the rows that came before, as newer versions; else new rows.
        rows: how many rows it has at most.
    """

    name: str
    stream: str
    change: Change
    is_redelivery: bool = False
    rows: int = 2_000


class HealthyHomes:
    """Homes in which the healthy deliveries of a stream have landed and are accepted, each made once and copied."""

    def __init__(self, inbox: Path, folder: Path) -> None:
        """Remember where the demo's files are, and where homes may be made."""
        self._inbox, self._folder = inbox, folder

    def compared(self, planted: Delivery, home: Path) -> list[Compared]:
        """Deliver what is planted after the healthy deliveries, and return its figures."""
        healthy = self._folder / f"{planted.stream.replace('/', '_')}_{planted.is_redelivery}"
        files = sorted((self._inbox / planted.stream).iterdir())
        stream = declared_stream(planted.stream, Settings(home))
        schema = pq.read_schema(files[0]) if files[0].suffix == ".parquet" else None
        first, later = read_rows(files[0]), [read_rows(file) for file in files[1:]]
        kept, held = _held_back(first)
        if planted.is_redelivery:
            kept = first
            newest = {_key(row, stream): row for rows in (first, *later) for row in rows}
            held = [_newer(row, stream) for row in newest.values()]
        if not healthy.exists():
            for file, rows in zip(files, (kept, *later), strict=True):
                _deliver(rows, file.name.removesuffix(".gz"), schema, stream, Settings(healthy))
        shutil.copytree(healthy, home)
        _renew_views(home)
        changed = [dict(row) for row in held][: planted.rows]
        for row in changed:
            planted.change(row)
        return _deliver(changed, f"{NAME}.{files[0].name.partition('.')[2]}", schema, stream, Settings(home))


def _held_back(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """Part the rows, so that there are new ones to deliver."""
    order = list(rows)
    random.Random(1).shuffle(order)
    return order[: len(order) * 2 // 3], order[len(order) * 2 // 3 :]


def _renew_views(home: Path) -> None:
    """Create the views of a copied home again: they name the files of the home where they were made."""
    with open_warehouse(Settings(home).warehouse) as connection:
        create_landing_views(connection, Settings(home))


def _deliver(
    rows: Sequence[Row], name: str, schema: pa.Schema | None, stream: Stream, settings: Settings
) -> list[Compared]:
    path = settings.inbox / stream.source / stream.name / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rows(path, rows, schema)
    landed = land_stream(stream, settings)
    assert landed.rows_landed, f"{path.name}: nothing landed"
    with open_warehouse(settings.warehouse) as connection:
        return list(compare_deliveries(connection, stream, path.stem, released_at=None).figures)


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a file of the demo."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()  # type: ignore[no-any-return]
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in text.decode().splitlines()]


def write_rows(path: Path, rows: Sequence[Row], schema: pa.Schema | None = None) -> None:
    """Write rows in the format that the ending of the file names."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _key(row: Row, stream: Stream) -> str:
    return json.dumps([row[name] for name in stream.key], default=str)


def _newer(row: Row, stream: Stream) -> Row:
    cursor = stream.cursor
    return {**row, cursor: moved(row[cursor], days=40)} if cursor else row


def moved(value: Any, **by: float) -> Any:
    """Return a time later or earlier, as the source writes it; what is no time stays."""
    if isinstance(value, datetime):
        return value + timedelta(**by)
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(.*)", value or "")
    if not found:
        return value
    return f"{(datetime.fromisoformat(found[1]) + timedelta(**by)).isoformat()}{found[2]}"


def put(field: str, value: Any) -> Change:
    """Return a change that puts a value, or what a function makes of the row, into a field."""

    def change(row: Row) -> None:
        row[field] = value(row) if callable(value) else value

    return change


def inside(field: str, member: str, value: Any) -> Change:
    """Return a change that puts a value into a member of a JSON object, where the row has one."""

    def change(row: Row) -> None:
        if row[field]:
            row[field] = {**row[field], member: value(row[field]) if callable(value) else value}

    return change


def exchange(one: str, other: str) -> Change:
    """Return a change that exchanges the values of two fields."""

    def change(row: Row) -> None:
        row[one], row[other] = row[other], row[one]

    return change


def all_of(*changes: Change) -> Change:
    """Return a change that makes several."""

    def change(row: Row) -> None:
        for each in changes:
            each(row)

    return change


def sometimes(share: float, change: Change) -> Change:
    """Return a change that happens to a share of the rows."""
    dice = random.Random(5)

    def maybe(row: Row) -> None:
        if dice.random() < share:
            change(row)

    return maybe


def nothing(_row: Row) -> None:
    """Leave the row as it is."""
