"""A copy of the ledger beside what has landed, from which a lost warehouse gets it again.

``landing/ledger.jsonl`` has a line for each entry as it was recorded; of several lines of one batch the last counts. A
line is written before its entry is committed, when the batch's file is already there.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from cdp_orchestration.home.durable_files import append_durably, replace_file
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.storage.ledger import LedgerEntry, batch_path, create_ledger, read_ledger, record_entries
from cdp_orchestration.landing.storage.stored_hashes import hashes_path, note_hashes

_FIELDS = tuple(field.name for field in fields(LedgerEntry))


def copy_path(settings: Settings) -> Path:
    """Return the path of the copy."""
    return settings.landing / "ledger.jsonl"


def append_entries(connection: duckdb.DuckDBPyConnection, settings: Settings, entries: Sequence[LedgerEntry]) -> None:
    """Add entries to the copy, durably, and the hashes of their files; a home without one gets all that the ledger has.

    Args:
        connection: the warehouse, with a ledger.
        settings: the home; the caller holds the writer's lock.
        entries: what is about to be recorded.
    """
    file = copy_path(settings)
    note_hashes(settings, entries if hashes_path(settings).exists() else [*read_ledger(connection), *entries])
    if not file.exists():
        _write(file, [*read_ledger(connection), *entries])
        return
    append_durably(file, [_line(entry) for entry in entries])


def restore_ledger(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Record what the copy knows and the disk has into a new warehouse.

    Args:
        connection: a warehouse without a ledger, or with an empty one.
        settings: the home; the caller holds the writer's lock.

    Returns:
        The number of entries.
    """
    create_ledger(connection)
    entries = copied_entries(settings)
    record_entries(connection, entries)
    return len(entries)


def copied_entries(settings: Settings) -> list[LedgerEntry]:
    """Return the entries of the copy: of a batch the newest whose file is there, and of a lost batch the newest."""
    entries: dict[str, LedgerEntry] = {}
    for entry in _read(copy_path(settings)):
        former = entries.get(entry.batch_id)
        # A run that was killed while it joined files may have named one that was removed again.
        if former is None or batch_path(settings, entry).exists() or not batch_path(settings, former).exists():
            entries[entry.batch_id] = entry
    return list(entries.values())


def write_copy(settings: Settings, entries: Iterable[LedgerEntry]) -> None:
    """Write the whole copy again, in one step.

    Args:
        settings: the home; the caller holds the writer's lock.
        entries: all that the ledger has.
    """
    _write(copy_path(settings), entries)


def unknown_batches(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[Path]:
    """Return the files of landed rows that the ledger does not name, in order: left by a kill, or their entry is lost.

    Args:
        connection: the warehouse, with a ledger.
        settings: the home.
    """
    known = {batch_path(settings, entry) for entry in read_ledger(connection)}
    return sorted(path for path in settings.landing.glob("*/*/*.parquet") if path not in known)


def _read(file: Path) -> Iterator[LedgerEntry]:
    for line in file.read_text(encoding="utf-8", errors="replace").split("\n") if file.exists() else ():
        try:
            record: dict[str, Any] = json.loads(line)
            known = {name: record[name] for name in _FIELDS if name in record}
            yield LedgerEntry(**{**known, "loaded_at": datetime.fromisoformat(record["loaded_at"])})
        except (ValueError, KeyError, TypeError):
            continue  # cut when the machine stopped, or overwritten: what its batch holds lands again


def _write(file: Path, entries: Iterable[LedgerEntry]) -> None:
    replace_file(file, "".join(map(_line, entries)).encode())


def _line(entry: LedgerEntry) -> str:
    return json.dumps({**vars(entry), "loaded_at": entry.loaded_at.isoformat()}) + "\n"
