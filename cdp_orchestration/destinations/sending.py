"""What is published to a destination: the tables of one release, or those of them that it wants."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cdp_orchestration.destinations.declaration import Destination
from cdp_orchestration.destinations.faults import DestinationError
from cdp_orchestration.release.reader import Release


@dataclass(frozen=True)
class SentTable:
    """One table of a release: its file, and what the manifest says of it."""

    name: str
    file: Path
    row_count: int
    sha256: str
    size_bytes: int
    description: str
    columns: tuple[Mapping[str, str], ...]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Contents:
    """What a destination is to show.

    Attributes:
        release_id: the release.
        tables: its tables by name, in order.
        manifest: the manifest of the release, of these tables alone.
        fingerprint: the same as long as the release, the tables and the declaration are the same.
    """

    release_id: str
    tables: Mapping[str, SentTable]
    manifest: Mapping[str, Any]
    fingerprint: str

    @property
    def row_count(self) -> int:
        """How many rows all tables have."""
        return sum(table.row_count for table in self.tables.values())


@dataclass(frozen=True)
class Sent:
    """What a publication to a destination did.

    Attributes:
        release_id: the release that the destination shows.
        is_new: false where it has shown just that before.
        table_count: how many tables it shows.
        row_count: how many rows these have.
        sent_tables: those that were sent; the others were there.
        sent_bytes: the size of their files.
        removed: former releases that were removed.
        in_use: former releases that were to be removed, and that somebody uses.
    """

    release_id: str
    is_new: bool
    table_count: int
    row_count: int
    sent_tables: tuple[str, ...] = ()
    sent_bytes: int = 0
    removed: tuple[str, ...] = ()
    in_use: tuple[str, ...] = ()


class Publisher(Protocol):
    """The way to one kind of destination."""

    def shown(self) -> str | None:
        """Return the fingerprint of what readers of the destination see; None where they see nothing."""
        ...

    def send(self, contents: Contents) -> Sent:
        """Bring the tables, show them in one step, and remove what need not be kept.

        Args:
            contents: what to show.

        Returns:
            What was done. What was killed before it is ended by the next call.

        Raises:
            DestinationError: readers see what they saw before.
        """
        ...


def contents_of(release: Release, name: str, declared: Destination) -> Contents:
    """Return what a destination is to show of a release; the one place that chooses it.

    Args:
        release: the live release.
        name: the name of the destination.
        declared: the destination.

    Returns:
        The tables in order of name; no file is read.

    Raises:
        DestinationError: the declaration names a table that the release does not have.
    """
    entries = release.manifest["tables"]
    unknown = sorted(set(declared.tables) - entries.keys())
    if unknown:
        raise DestinationError(
            f"{name} is to have {', '.join(unknown)}, and release {release.release_id} has no such table; expected "
            f"some of {', '.join(sorted(entries))}. Correct `tables` of {name} in destinations.yml"
        )
    chosen = {each: entries[each] for each in sorted(declared.tables or entries)}
    tables = {each: _table(release, each, entry) for each, entry in chosen.items()}
    return Contents(
        release_id=release.release_id,
        tables=tables,
        manifest={**release.manifest, "tables": chosen},
        fingerprint=_fingerprint(release.release_id, tables, declared),
    )


def _table(release: Release, name: str, entry: Mapping[str, Any]) -> SentTable:
    file = release.folder / entry["file"]
    return SentTable(
        name=name,
        file=file,
        row_count=int(entry.get("rows", 0)),
        sha256=str(entry["sha256"]),
        size_bytes=int(entry.get("size_bytes", 0)),
        description=str(entry.get("description", "")),
        columns=tuple(entry.get("columns", ())),
        key=tuple(entry.get("key", ())),  # releases of earlier versions name none
    )


def _fingerprint(release_id: str, tables: Mapping[str, SentTable], declared: Destination) -> str:
    hashes = {name: table.sha256 for name, table in tables.items()}
    known = json.dumps([release_id, hashes, declared.model_dump(mode="json")], sort_keys=True)
    return hashlib.sha256(known.encode()).hexdigest()[:16]
