"""Make a candidate the live release, atomically: rename its folder, then replace one small pointer file."""

import json
import os
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from cdp_orchestration.errors import CdpError

POINTER = "CURRENT.json"
VIEWS = "cdp.duckdb"
CANDIDATE_PREFIX = ".candidate-"


def candidate_folder(releases: Path, release_id: str) -> Path:
    """Return the folder of a candidate: next to the releases, hidden from readers."""
    return releases / f"{CANDIDATE_PREFIX}{release_id}"


def the_candidate(releases: Path) -> Path:
    """Return the folder of the one candidate that waits to go live.

    Args:
        releases: the folder of all releases.

    Returns:
        The candidate's folder.

    Raises:
        CdpError: there is none, or more than one.
    """
    found = sorted(releases.glob(f"{CANDIDATE_PREFIX}*"))
    if len(found) != 1:
        raise CdpError(f"{releases} holds {len(found)} candidate releases, expected one; materialize release/candidate")
    return found[0]


def current_release_id(releases: Path) -> str | None:
    """Return the live release's id, or None where nothing has been published."""
    pointer = releases / POINTER
    if not pointer.exists():
        return None
    return str(json.loads(pointer.read_text(encoding="utf-8"))["release_id"])


def remove_unpublished(releases: Path) -> list[str]:
    """Remove the leftovers of killed runs: candidates, and folders newer than the live release.

    Only the holder of the writer's lock may call it.

    Args:
        releases: the folder of all releases.

    Returns:
        The names of the removed folders, in order.
    """
    live = current_release_id(releases)
    folders = sorted(folder for folder in releases.glob("*") if folder.is_dir())
    orphans = [
        folder
        for folder in folders
        # Without a pointer a killed run's folder and a release whose pointer was lost look the same: keep both.
        if folder.name.startswith(CANDIDATE_PREFIX) or (live is not None and folder.name > live)
    ]
    for folder in orphans:
        shutil.rmtree(folder)
    return [folder.name for folder in orphans]


def publish(releases: Path, manifest: Mapping[str, Any], now: datetime) -> Path:
    """Make the candidate of this manifest live.

    A reader that opened the former release keeps reading it: folders are never changed after this.

    Args:
        releases: the folder of all releases.
        manifest: the candidate's manifest.
        now: the time of publication, in UTC.

    Returns:
        The folder of the new live release.
    """
    release_id = str(manifest["release_id"])
    folder = releases / release_id
    candidate_folder(releases, release_id).rename(folder)
    _write_views(folder, manifest)
    _replace_pointer(releases / POINTER, {"release_id": release_id, "published_at": now.isoformat()})
    return folder


def _write_views(folder: Path, manifest: Mapping[str, Any]) -> None:
    # DuckDB resolves a relative path of a view against the reader's working directory, so the paths are absolute.
    with duckdb.connect(str(folder / VIEWS)) as connection:
        for name, entry in manifest["tables"].items():
            path = str(folder / entry["file"]).replace("'", "''")
            connection.execute(f"create view \"{name}\" as select * from read_parquet('{path}')")


def _replace_pointer(pointer: Path, content: Mapping[str, Any]) -> None:
    unfinished = pointer.with_suffix(".tmp")
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(pointer)
    directory = os.open(pointer.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
