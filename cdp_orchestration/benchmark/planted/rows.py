"""Rows of delivered files, and changes of them: what planted damages and clean variations consist of."""

import csv
import gzip
import io
import json
import random
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, Any]
Change = Callable[[Row], None]
"""Changes a row in place."""
Rearrangement = Callable[[list[Row]], list[Row]]
"""Leaves rows out, or adds some."""


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a CSV, JSON Lines or Parquet file."""
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()  # type: ignore[no-any-return]
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ".csv" in path.suffixes:
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    return [json.loads(line) for line in content.decode().splitlines()]


def write_rows(path: Path, rows: Sequence[Row], schema: pa.Schema | None = None) -> None:
    """Write rows in the format that the ending of the file names."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def moved(value: Any, **by: float) -> Any:
    """Return a time or day later or earlier, as the source writes it; what is neither stays."""
    if hasattr(value, "year"):
        return value + timedelta(**by)
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d)?)(.*)", value or "")
    if not found:
        return value
    later = datetime.fromisoformat(found[1]) + timedelta(**by)
    return f"{later.isoformat() if 'T' in found[1] else later.date().isoformat()}{found[2]}"


def moment(value: Any) -> datetime:
    """Return the time that a source wrote, in UTC; one without a zone is taken to be in UTC."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def put(field: str, value: Any) -> Change:
    """Return a change that puts a value, or what a function makes of the row, into a field."""

    def change(row: Row) -> None:
        row[field] = value(row) if callable(value) else value

    return change


def rewritten(field: str, rewrite: Callable[[str], Any]) -> Change:
    """Return a change that rewrites a field where it is filled."""

    def change(row: Row) -> None:
        if row[field] not in (None, ""):
            row[field] = rewrite(str(row[field]))

    return change


def inside(field: str, member: str, value: Any) -> Change:
    """Return a change that puts a value into a member of a JSON object, or of the objects of a list."""

    def change(row: Row) -> None:
        documents = row[field] if isinstance(row[field], list) else [row[field]]
        for document in documents:
            if document:
                document[member] = value(document) if callable(value) else value

    return change


def shifted(field: str, **by: float) -> Change:
    """Return a change that moves a time or day."""
    return put(field, lambda row: moved(row[field], **by))


def times(field: str, factor: float) -> Change:
    """Return a change that multiplies an amount; it stays of the type in which the source delivers it."""

    def change(row: Row) -> None:
        if row[field] not in (None, ""):
            row[field] = type(row[field])(f"{float(row[field]) * factor:.2f}")

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
    """Return a change that happens to a share of the rows, the same ones each time."""

    def maybe(row: Row) -> None:
        if random.Random(json.dumps(row, default=str)).random() < share:  # noqa: S311 # no secret depends on it
            change(row)

    return maybe


def nothing(_row: Row) -> None:
    """Leave the row as it is."""


def only(is_kept: Callable[[Row], bool]) -> Rearrangement:
    """Return a rearrangement that keeps some rows."""
    return lambda rows: [row for row in rows if is_kept(row)]


def of_others(field: str) -> Rearrangement:
    """Return a rearrangement in which each row has this field of another one, as when one column was sorted alone."""

    def rearranged(rows: list[Row]) -> list[Row]:
        values = [row[field] for row in rows]
        third = len(rows) // 3
        for row, value in zip(rows, [*values[third:], *values[:third]], strict=True):
            row[field] = value
        return rows

    return rearranged


def twice(rename: Change) -> Rearrangement:
    """Return a rearrangement that delivers every row a second time with another key."""

    def rearranged(rows: list[Row]) -> list[Row]:
        copies = [dict(row) for row in rows]
        for copy in copies:
            rename(copy)
        return [*rows, *copies]

    return rearranged
