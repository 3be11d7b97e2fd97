"""Make a candidate the live release, atomically: rename its folder, then replace one small pointer file."""

import json
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from cdp_orchestration.errors import CdpError, DamagedReleaseError
from cdp_orchestration.home.durable_files import sync_to_disk, write_json
from cdp_orchestration.release.bundle import MANIFEST, RELEASE_ID

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
    """Return the live release's id, or None where nothing has been published; a damaged pointer is an error."""
    pointer = _read_pointer(releases)
    return None if pointer is None else str(pointer["release_id"])


def release_ids(releases: Path) -> list[str]:
    """Return the ids of all releases, newest first, whether they open or not; a person may keep other folders there."""
    names = (folder.name for folder in _release_folders(releases))
    return sorted((name for name in names if RELEASE_ID.fullmatch(name)), reverse=True)


def remove_unpublished(releases: Path) -> list[str]:
    """Remove the leftovers of killed runs: candidates, and releases that never went live.

    Only the holder of the writer's lock may call it.

    Args:
        releases: the folder of all releases.

    Returns:
        The names of the removed folders, in order.
    """
    candidates = [folder for folder in releases.glob(f"{CANDIDATE_PREFIX}*") if folder.is_dir()]
    orphans = sorted([*candidates, *_never_live(releases)])
    for folder in orphans:
        shutil.rmtree(folder)
    return [folder.name for folder in orphans]


def _never_live(releases: Path) -> list[Path]:
    """Return the releases whose run was killed just before they went live: they follow the live one."""
    pointer = _read_pointer(releases)
    # Without a pointer a killed run's folder and a release whose pointer was lost look the same: keep both.
    if pointer is None:
        return []
    was_live = {pointer["release_id"], *pointer.get("former", ())}
    others = [folder for folder in _release_folders(releases) if folder.name not in was_live]
    return [folder for folder in others if _previous(folder) == pointer["release_id"]]


def _previous(folder: Path) -> str | None:
    """Return the release that was live when this one was cut; None also where its manifest cannot be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest.get("previous_release_id") if isinstance(manifest, dict) else None


def _release_folders(releases: Path) -> list[Path]:
    return [each for each in releases.glob("*") if each.is_dir() and not each.name.startswith(".")]


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
    former = _read_pointer(releases) or {}
    were_live = [*former.get("former", ()), *([former["release_id"]] if former else [])]
    return publish_as(releases, manifest, were_live, now)


def publish_as(releases: Path, manifest: Mapping[str, Any], were_live: Iterable[str], now: datetime) -> Path:
    """Make a candidate live whatever the pointer says.

    Args:
        releases: the folder of all releases.
        manifest: the candidate's manifest.
        were_live: the releases that were live before, which stay.
        now: the time of publication, in UTC.

    Returns:
        The folder of the new live release.
    """
    release_id = str(manifest["release_id"])
    folder, candidate = releases / release_id, candidate_folder(releases, release_id)
    candidate.rename(folder)
    write_views(folder, manifest)
    for written in (folder / VIEWS, folder, releases):
        sync_to_disk(written)
    point_to(releases, release_id, were_live, now)
    return folder


def point_to(releases: Path, release_id: str, were_live: Iterable[str], now: datetime) -> None:
    """Make a release live that lies in its folder, in one step.

    Args:
        releases: the folder of all releases.
        release_id: the release.
        were_live: the releases that were live before, which stay.
        now: the time, in UTC.
    """
    former = [each for each in dict.fromkeys(were_live) if each != release_id]
    pointer = {"release_id": release_id, "published_at": now.isoformat(), "former": former}
    write_json(releases / POINTER, pointer)


def _read_pointer(releases: Path) -> dict[str, Any] | None:
    pointer = releases / POINTER
    if not pointer.exists():
        return None
    try:
        content: Any = json.loads(pointer.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = None
    release_id = content.get("release_id") if isinstance(content, dict) else None
    if not isinstance(release_id, str) or not release_id or Path(release_id).name != release_id:
        raise DamagedReleaseError(
            f'{pointer} does not name a release; expected {{"release_id": …}} with the name of a folder next to it. '
            "`cdp repair` makes the newest release live that is whole"
        )
    return dict(content)


def write_views(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the database of a release, which has a view for each of its tables."""
    # DuckDB resolves a relative path of a view against the reader's working directory, so the paths are absolute.
    with duckdb.connect(str(folder / VIEWS)) as connection:
        for name, entry in manifest["tables"].items():
            path = str(folder / entry["file"]).replace("'", "''")
            connection.execute(f"create view \"{name}\" as select * from read_parquet('{path}')")
