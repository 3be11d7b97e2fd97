"""Whether anything of erased people is left in a home: every file is searched, as it is and unpacked."""

import gzip
import io
import sqlite3
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cdp_orchestration.home.searching import Readable, files_with, has_value, is_sqlite, sqlite_rows_with
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.privacy.people import Column, is_theirs, register_people, texts_of
from cdp_orchestration.privacy.requests import Pending
from cdp_orchestration.privacy.warehouse import stored_tables

_KEPT_IDS = ("profile_events", "profile_redirects", "compliance_log")
"""Tables that say of a profile that it was erased, by its id, which names no one."""


@dataclass(frozen=True)
class Left:
    """A place that still has something of the people: a file, or a table in it; never what it has."""

    place: str
    found: str

    def __str__(self) -> str:
        return f"{self.place} {self.found}"


def what_is_left(settings: Settings, pending: Pending, without: Collection[Path] = ()) -> list[Left]:
    """Search a home for the people of a request.

    Args:
        settings: the home.
        pending: the people, with their values.
        without: folders that are not searched.

    Returns:
        The places that hold one of the values, or a row of one of the records, in order; none where all is erased.
    """
    passed_over = {settings.privacy / "pending", *without}
    places = [
        path
        for path in sorted(settings.home.rglob("*"))
        if path.is_file() and not path.is_symlink() and passed_over.isdisjoint(path.parents)
    ]
    pattern = pending.erasure.written_pattern
    found = [(path, "has one of the values") for path in files_with(places, pattern)]
    with duckdb.connect() as engine:
        register_people(engine, pending)
        for path in places:
            with suppress(FileNotFoundError):  # what is gone since it was listed holds nothing
                found += [(path, what) for what in _left_inside(path, pending, engine)]
    named = [Left(path.relative_to(settings.home).as_posix(), what) for path, what in found]
    return named + list(_left_in_warehouse(settings, pending))


def _left_inside(path: Path, pending: Pending, engine: duckdb.DuckDBPyConnection) -> Iterator[str]:
    pattern = pending.erasure.written_pattern
    if path.suffix == ".parquet":
        yield from _left_in_parquet(path, pending, engine)
    elif is_sqlite(path):
        # A long text lies in several places of the file
        with closing(sqlite3.connect(path, timeout=60)) as connection:
            for place, rows in sqlite_rows_with(connection, pattern):
                yield f"has {len(rows):,} rows with a value in {place.table}.{place.column}"
    for unpacked in _unpacked(path):
        if has_value(unpacked, pattern):
            yield "has one of the values, packed"
            return


def _unpacked(path: Path) -> Iterator[Readable]:
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] == b"\x1f\x8b":
        with gzip.open(path) as content:
            yield content
    elif start == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as content:
                    yield content
    elif start == b"\x28\xb5\x2f\xfd":
        with suppress(OSError):  # one that is broken holds no text
            yield io.BytesIO(pa.CompressedInputStream(pa.OSFile(str(path)), "zstd").read())


def _left_in_parquet(path: Path, pending: Pending, engine: duckdb.DuckDBPyConnection) -> Iterator[str]:
    try:
        rows = pq.read_table(path)
    except (pa.ArrowInvalid, OSError):
        return
    engine.register("read", rows)
    columns = [Column(str(row[0]), str(row[1])) for row in engine.execute("describe read").fetchall()]
    yield from _left_in_rows("read", path.stem, columns, pending, engine)
    engine.unregister("read")


def _left_in_warehouse(settings: Settings, pending: Pending) -> Iterator[Left]:
    with open_warehouse(settings.warehouse) as connection:
        register_people(connection, pending)
        for table in stored_tables(connection):
            for found in _left_in_rows(table.relation, table.name, table.columns, pending, connection):
                yield Left(f"{settings.warehouse.name} {table.schema}.{table.name}", found)


def _left_in_rows(
    relation: str, name: str, columns: Sequence[Column], pending: Pending, engine: duckdb.DuckDBPyConnection
) -> Iterator[str]:
    texts = texts_of(columns)
    if texts is None:
        return
    condition = f"regexp_matches(array_to_string({texts}, chr(31)), $pattern)"
    if name not in _KEPT_IDS:
        condition += f" or {is_theirs(columns)}"
    counted = engine.execute(
        f"select count(*) from {relation} where {condition}", {"pattern": pending.erasure.pattern}
    ).fetchone()
    if counted and counted[0]:
        yield f"has {counted[0]:,} rows of them"
