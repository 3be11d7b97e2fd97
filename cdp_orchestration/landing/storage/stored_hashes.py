"""The SHA-256 of each file of landed rows and refusals, so that a byte that has changed since is found.

``landing/hashes.jsonl`` has a line for each file as it was written; of several lines of one file the last counts.
DuckDB compares no checksums of Parquet files: every fifth flipped bit gives other values without an error.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cdp_orchestration.home.durable_files import append_durably, replace_file
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.storage.ledger import LedgerEntry, stored_files
from cdp_orchestration.release.bundle import file_sha256

MANY = 1_000
"""From so many files on those that are gone are left out."""


@dataclass(frozen=True)
class StoredHash:
    """The content of a file; ``as_of`` is the newest time of load of what it holds."""

    sha256: str
    as_of: str


def hashes_path(settings: Settings) -> Path:
    """Return the file with all hashes."""
    return settings.landing / "hashes.jsonl"


def read_hashes(settings: Settings) -> dict[str, StoredHash]:
    """Return what is known of each file, by its path below the home; a line that cannot be read is left out."""
    file = hashes_path(settings)
    found: dict[str, StoredHash] = {}
    for line in file.read_text(encoding="utf-8", errors="replace").split("\n") if file.exists() else ():
        try:
            record: dict[str, Any] = json.loads(line)
            found[str(record["file"])] = StoredHash(str(record["sha256"]), str(record["as_of"]))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def note_hashes(settings: Settings, entries: Iterable[LedgerEntry]) -> None:
    """Note the content of the files of some batches, where they were written since their hash was noted.

    Args:
        settings: the home; the caller holds the writer's lock.
        entries: batches whose files are there.
    """
    newest: dict[Path, datetime] = {}
    for entry in entries:
        for path in stored_files(settings, entry):
            newest[path] = max(entry.loaded_at, newest.get(path, entry.loaded_at))
    if not newest:
        return
    known = read_hashes(settings)
    lines = []
    for path, loaded_at in newest.items():
        name, as_of = str(path.relative_to(settings.home)), loaded_at.isoformat(timespec="microseconds")
        # One that has not been written again keeps its hash, so that damage is never taken for its content.
        if (name not in known or known[name].as_of < as_of) and path.is_file():
            lines.append(json.dumps({"file": name, "sha256": file_sha256(path), "as_of": as_of}) + "\n")
    append_durably(hashes_path(settings), lines)
    if len(known) > MANY:
        _forget_removed(settings, read_hashes(settings))


def note_written(settings: Settings, path: Path, as_of: datetime) -> None:
    """Note the content of a file that was written again with fewer rows; ``as_of`` is the newest time of load."""
    record = {
        "file": str(path.relative_to(settings.home)),
        "sha256": file_sha256(path),
        "as_of": as_of.isoformat(timespec="microseconds"),
    }
    append_durably(hashes_path(settings), [json.dumps(record) + "\n"])


def _forget_removed(settings: Settings, known: Mapping[str, StoredHash]) -> None:
    """Leave out the files that were joined into others, once they are most of all: each landing reads the rest."""
    there = {name: each for name, each in known.items() if (settings.home / name).is_file()}
    if 2 * len(there) > len(known):
        return
    lines = (json.dumps({"file": name, **vars(each)}) + "\n" for name, each in there.items())
    replace_file(hashes_path(settings), "".join(lines).encode())


def has_other_content(settings: Settings, path: Path, known: dict[str, StoredHash]) -> bool:
    """Return whether a file, which is there, is not what was written; False for one whose hash is not known."""
    noted = known.get(str(path.relative_to(settings.home)))
    return noted is not None and file_sha256(path) != noted.sha256
