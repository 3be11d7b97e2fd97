"""Make a candidate the live release, atomically: rename its folder, then replace one small pointer file."""

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.durable_files import sync_to_disk
from cdp_orchestration.home.permissions import share_file, share_folder
from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.release.bundle import MANIFEST, RELEASE_ID
from cdp_orchestration.release.pointer import POINTER, PRUNED_PREFIX, point_to, read_pointer

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


def release_ids(releases: Path) -> list[str]:
    """Return the ids of all releases, newest first, whether they open or not; a person may keep other folders there."""
    return sorted((folder.name for folder in release_folders(releases)), reverse=True)


def remove_unpublished(releases: Path) -> list[str]:
    """Remove the leftovers of killed runs: candidates, releases that never went live, and those half pruned.

    Only the holder of the writer's lock may call it.

    Args:
        releases: the folder of all releases.

    Returns:
        The names of the removed folders, in order.
    """
    hidden = [each for prefix in (CANDIDATE_PREFIX, PRUNED_PREFIX) for each in releases.glob(f"{prefix}*")]
    candidates = [folder for folder in hidden if folder.is_dir()]
    orphans = sorted([*candidates, *_never_live(releases)])
    for folder in orphans:
        shutil.rmtree(folder)
    return [folder.name for folder in orphans]


def _never_live(releases: Path) -> list[Path]:
    """Return the releases whose run was killed just before they went live: they follow the live one."""
    pointer = read_pointer(releases)
    # Without a pointer a killed run's folder and a release whose pointer was lost look the same: keep both.
    if pointer is None:
        return []
    was_live = {pointer.release_id, *pointer.former}
    others = [folder for folder in release_folders(releases) if folder.name not in was_live]
    return [folder for folder in others if _previous(folder) == pointer.release_id]


def _previous(folder: Path) -> str | None:
    """Return the release that was live when this one was cut; None also where its manifest cannot be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest.get("previous_release_id") if isinstance(manifest, dict) else None


def release_folders(releases: Path) -> list[Path]:
    """Return the folders of releases; other folders that a person keeps beside them are not among them."""
    found = (each for each in releases.glob("*") if each.is_dir() and not each.is_symlink())
    return [each for each in found if RELEASE_ID.fullmatch(each.name)]


def publish(releases: Path, manifest: Mapping[str, Any], now: datetime, readers_group: str | None = None) -> Path:
    """Make the candidate of this manifest live.

    A reader that opened the former release keeps reading it: folders are never changed after this.

    Args:
        releases: the folder of all releases.
        manifest: the candidate's manifest.
        now: the time of publication, in UTC.
        readers_group: a group of this machine that may read releases; None for none.

    Returns:
        The folder of the new live release.
    """
    before = read_pointer(releases)
    were_live = (*before.former, before.release_id) if before else ()
    return publish_as(releases, manifest, were_live, now, readers_group)


def publish_as(
    releases: Path,
    manifest: Mapping[str, Any],
    were_live: Iterable[str],
    now: datetime,
    readers_group: str | None = None,
) -> Path:
    """Make a candidate live whatever the pointer says.

    Args:
        releases: the folder of all releases.
        manifest: the candidate's manifest.
        were_live: the releases that were live before, which stay.
        now: the time of publication, in UTC.
        readers_group: a group of this machine that may read releases; None for none.

    Returns:
        The folder of the new live release.
    """
    release_id = str(manifest["release_id"])
    folder, candidate = releases / release_id, candidate_folder(releases, release_id)
    candidate.rename(folder)
    write_views(folder, manifest)
    if readers_group:
        share_folder(folder, readers_group)
    for written in (folder / VIEWS, folder, releases):
        sync_to_disk(written)
    point_to(releases, release_id, now, former=were_live)
    if readers_group:
        share_file(releases / POINTER, readers_group)
    return folder


def write_views(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the database of a release: views of its files, which hold no path of this home.

    A copied or moved home, or one that a container mounts, reads itself. Opened as it is, from any working folder, the
    database knows its own place by the name of its temporary folder, next to it by default. A process that attaches it
    to another database says where the releases lie: ``set file_search_path = '<home>/releases'``.
    """
    with duckdb.connect(str(folder / VIEWS)) as connection:
        for name, entry in manifest["tables"].items():
            file = text_literal(f"{folder.name}/{entry['file']}")
            connection.execute(f'create view "{name}" as select * from read_parquet({_RELEASES_OF_DATABASE} || {file})')


# Through `current` or the folder's own name: the files of a reader stay those of the release that it opened
_RELEASES_OF_DATABASE = (
    f"regexp_extract(current_setting('temp_directory'), '^(.*[/\\\\])[^/\\\\]+[/\\\\]{re.escape(VIEWS)}[.]tmp$', 1)"
)
