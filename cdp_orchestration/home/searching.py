"""Which files and texts have one of many values: whole batches at once, since each search has a price of its own."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.home.sql_text import quoted

SQLITE_BEGINNING = b"SQLite format 3\0"
_BATCH_BYTES, _OVERLAP = 16 * 1024 * 1024, 4096
_BATCH_ROWS = 10_000


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, none at the end."""
        ...


@dataclass(frozen=True)
class SqliteColumn:
    """A column of a SQLite file, both names quoted."""

    table: str
    column: str


def files_with(paths: Iterable[Path], pattern: str) -> Iterator[Path]:
    """Yield the files whose bytes, read as text, have a value.

    Args:
        paths: the files; one that is gone by now has none.
        pattern: the regular expression of the values.

    Yields:
        These files, in order.
    """
    batch: list[tuple[Path, bytes]] = []
    size = 0
    for path in paths:
        try:
            content = None if path.stat().st_size > _BATCH_BYTES else path.read_bytes()
            is_large_hit = content is None and _file_has_value(path, pattern)
        except FileNotFoundError:
            continue
        if content is not None:
            batch.append((path, content))
            size += len(content)
        if content is None or size > _BATCH_BYTES:
            yield from _of_batch(batch, pattern)
            batch, size = [], 0
        if is_large_hit:
            yield path
    yield from _of_batch(batch, pattern)


def _file_has_value(path: Path, pattern: str) -> bool:
    with path.open("rb") as file:
        return has_value(file, pattern)


def _of_batch(batch: list[tuple[Path, bytes]], pattern: str) -> Iterator[Path]:
    texts = pa.array([content.decode("utf-8", errors="replace") for _, content in batch], pa.large_string())
    found = pc.match_substring_regex(texts, pattern).to_pylist()
    yield from (path for (path, _), is_hit in zip(batch, found, strict=True) if is_hit)


def has_value(file: Readable, pattern: str) -> bool:
    """Return whether bytes, read as text, have a value; a large file is read block by block."""
    end = b""
    while block := file.read(_BATCH_BYTES):
        text = pa.array([(end + block).decode("utf-8", errors="replace")], pa.large_string())
        if pc.match_substring_regex(text, pattern)[0].as_py():
            return True
        end = block[-_OVERLAP:]
    return False


def is_sqlite(path: Path) -> bool:
    """Return whether a file is a SQLite database; one that is gone is none."""
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE_BEGINNING)) == SQLITE_BEGINNING
    except FileNotFoundError:
        return False


def sqlite_rows_with(connection: sqlite3.Connection, pattern: str) -> Iterator[tuple[SqliteColumn, list[int]]]:
    """Yield the rows of each column that have a value.

    Args:
        connection: the database.
        pattern: the regular expression of the values.

    Yields:
        Column and row numbers.
    """
    tables = connection.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by 1"
    )
    for (table,) in tables.fetchall():
        name = quoted(table)
        for row in connection.execute(f"pragma table_info({name})").fetchall():
            place = SqliteColumn(name, quoted(row[1]))
            hits = [number for part in _texts(connection, place) for number in _hits(part, pattern)]
            if hits:
                yield place, hits


def _texts(connection: sqlite3.Connection, place: SqliteColumn) -> Iterator[list[tuple[int, str | bytes]]]:
    query = f"select rowid, {place.column} from {place.table} where typeof({place.column}) in ('text', 'blob')"
    with closing(connection.execute(query)) as cursor:
        while part := cursor.fetchmany(_BATCH_ROWS):
            yield part


def _hits(part: list[tuple[int, str | bytes]], pattern: str) -> Iterator[int]:
    texts = pa.array([as_text(value) for _, value in part], pa.large_string())
    found = pc.match_substring_regex(texts, pattern).to_pylist()
    yield from (number for (number, _), is_hit in zip(part, found, strict=True) if is_hit)


def as_text(value: str | bytes) -> str:
    """Return a text or bytes as text."""
    return value if isinstance(value, str) else value.decode("utf-8", errors="replace")
