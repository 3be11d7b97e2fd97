"""Whether anything of erased people is left in a home: every file is searched, as it is and unpacked."""

import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing.raw_rows import quoted
from cdp_orchestration.privacy.people import Column, is_theirs, register_people
from cdp_orchestration.privacy.requests import Pending
from cdp_orchestration.privacy.warehouse import stored_tables

_BLOCK_BYTES, _OVERLAP = 16 * 1024 * 1024, 4096
_KEPT_IDS = ("profile_events", "profile_redirects", "compliance_log")
"""Tables that say of a profile that it was erased, by its id, which names no one."""


@dataclass(frozen=True)
class Left:
    """A place that still has something of the people: a file, or a table in it; never what it has."""

    place: str
    found: str

    def __str__(self) -> str:
        return f"{self.place} {self.found}"


def what_is_left(settings: Settings, pending: Pending) -> list[Left]:
    """Search a home for the people of a request.

    Args:
        settings: the home.
        pending: the people, with their values.

    Returns:
        The places that hold one of the values, or a row of one of the records, in order; none where all is erased.
    """
    left = []
    with duckdb.connect() as engine:
        register_people(engine, pending)
        for path in sorted(settings.home.rglob("*")):
            if not path.is_file() or path.is_symlink() or (settings.privacy / "pending") in path.parents:
                continue
            name = path.relative_to(settings.home).as_posix()
            left += [Left(name, found) for found in _left_in(path, pending, engine)]
    return left + list(_left_in_warehouse(settings, pending))


def _left_in(path: Path, pending: Pending, engine: duckdb.DuckDBPyConnection) -> Iterator[str]:
    with path.open("rb") as file:
        if _has_value(file, pending.erasure.written_pattern):
            yield "has one of the values"
            return
    if path.suffix == ".parquet":
        yield from _left_in_parquet(path, pending, engine)
    for unpacked in _unpacked(path):
        if _has_value(unpacked, pending.erasure.written_pattern):
            yield "has one of the values, packed"
            return


def _has_value(file: IO[bytes] | gzip.GzipFile, pattern: str) -> bool:
    end = b""
    while block := file.read(_BLOCK_BYTES):
        text = pa.array([(end + block).decode("utf-8", errors="replace")], pa.large_string())
        if pc.match_substring_regex(text, pattern)[0].as_py():
            return True
        end = block[-_OVERLAP:]
    return False


def _unpacked(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
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
    known = [each for each in columns if each.is_text or each.is_texts]
    if not known:
        return
    conditions = [f"regexp_matches({quoted(each.name)}::varchar, $pattern)" for each in known]
    if name not in _KEPT_IDS:
        conditions.append(is_theirs(columns))
    counted = engine.execute(
        f"select count(*) from {relation} where {' or '.join(conditions)}", {"pattern": pending.erasure.pattern}
    ).fetchone()
    if counted and counted[0]:
        yield f"has {counted[0]:,} rows of them"
