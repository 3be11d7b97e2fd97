"""Erase people from all other files of a home: decisions, pages, Dagster's storage, results of gates, logs."""

import csv
import io
import re
import shutil
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

from cdp_orchestration.home.durable_files import replace_file
from cdp_orchestration.home.searching import as_text, files_with, is_sqlite, sqlite_rows_with
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.erasure.erasure import ERASED
from cdp_orchestration.privacy.requests import Pending

_OWN_PLACES = ("inbox", "landing", "quarantine", "releases", "privacy/pending")
"""What is erased in a way of its own: see ``landing`` and ``releases``."""
_OWN_FILES = (
    *("privacy/suppressed.jsonl", "privacy/suppression.key", "audit.jsonl"),
    *("privacy/restrictions.json", "privacy/rectifications.json"),
)
_BINARY = (".duckdb", ".wal", ".parquet", ".png")
_BESIDE_SQLITE = ("-wal", "-shm", "-journal")
"""What SQLite writes beside a database, and may remove at any time."""


def erase_from_files(settings: Settings, pending: Pending) -> tuple[int, int]:
    """Take the values of the people out of every text and SQLite file of a home; the caller holds the writer's lock.

    A line of a CSV file goes as a whole: without its key a decision about a record says nothing. A file whose bytes
    are neither text nor a database, and that has a value, is removed.

    Args:
        settings: the home.
        pending: the people.

    Returns:
        How many files changed, and how many lines or rows of them.
    """
    pattern = pending.erasure.written_pattern
    places = list(other_files(settings))
    databases = [path for path in places if is_sqlite(path)]
    changed = [_erase_from_sqlite(path, pattern) for path in databases]
    texts = [path for path in places if path not in set(databases)]
    changed += [_erase(path, re.compile(pattern)) for path in files_with(texts, pattern)]
    return sum(map(bool, changed)), sum(changed)


def remove_exports(settings: Settings, profile_ids: Collection[str]) -> int:
    """Remove the files that were written for people to read, where they are of one of these profiles.

    Returns:
        How many people's files.
    """
    removed = 0
    for file in sorted((settings.privacy / "exports").glob("*/person.json")):
        text = file.read_text(encoding="utf-8", errors="replace")
        if any(each in text for each in profile_ids):
            shutil.rmtree(file.parent)
            removed += 1
    return removed


def other_files(settings: Settings) -> Iterator[Path]:
    """Yield the files of a home that are not erased in a way of their own, in order of name."""
    for path in sorted(settings.home.rglob("*")):
        name = path.relative_to(settings.home).as_posix()
        if not path.is_file() or path.is_symlink() or name in _OWN_FILES or path.name.endswith(_BINARY):
            continue
        if not any(name.startswith(f"{place}/") for place in _OWN_PLACES) and not _is_beside_sqlite(path):
            yield path


def _is_beside_sqlite(path: Path) -> bool:
    """Return whether a file belongs to a database, which is damaged without it and gives what the file has."""
    endings = (ending for ending in _BESIDE_SQLITE if path.name.endswith(ending))
    return any(is_sqlite(path.with_name(path.name.removesuffix(ending))) for ending in endings)


def _erase(path: Path, pattern: re.Pattern[str]) -> int:
    try:
        content = path.read_bytes()
    except FileNotFoundError:  # whatever made it has removed it
        return 0
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        path.unlink()
        return 1
    kept, changed = _without_lines(text, pattern) if path.suffix == ".csv" else pattern.subn(ERASED, text)
    replace_file(path, kept.encode())
    return changed


def _without_lines(text: str, pattern: re.Pattern[str]) -> tuple[str, int]:
    rows = list(csv.reader(io.StringIO(text, newline="")))
    kept = [row for row in rows if not any(pattern.search(cell) for cell in row)]
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows(kept)
    return written.getvalue(), len(rows) - len(kept)


def _erase_from_sqlite(path: Path, pattern: str) -> int:
    changed, values = 0, re.compile(pattern)
    with closing(sqlite3.connect(path, timeout=60)) as connection:
        connection.create_function("without", 1, lambda text: _like(text, values), deterministic=True)
        for place, rows in list(sqlite_rows_with(connection, pattern)):
            statement = f"update {place.table} set {place.column} = without({place.column}) where rowid = ?"
            connection.executemany(statement, [(row,) for row in rows])
            changed += len(rows)
        connection.commit()
        # A run that was killed may have left the former rows in pages that are free, or in the log beside the file
        if changed or any(files_with([path], pattern)):
            connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")
    return changed


def _like(value: str | bytes, pattern: re.Pattern[str]) -> str | bytes:
    found = pattern.sub(ERASED, as_text(value))
    return found if isinstance(value, str) else found.encode()
