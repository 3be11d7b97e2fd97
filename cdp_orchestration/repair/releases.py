"""Releases: the live one becomes whole, or is cut again from the warehouse, or another one becomes live.

In this order, so that as little as possible is lost: files are written again with the very content that was published;
a warehouse that holds what was published last gives a new release of it; a release of which only such files are damaged
as a sync builds anew stays live, because ids and histories continue from it; the newest whole release becomes live.
"""

from collections.abc import Collection, Generator, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb

from cdp_orchestration.errors import DamagedReleaseError
from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, put_aside, sync_to_disk
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.bundle import PublishedTable, export_table, file_sha256
from cdp_orchestration.release.integrity import DamagedFile, damaged_files
from cdp_orchestration.release.pointer import LINK, POINTER, current_release_id, is_linked, link_current, point_to
from cdp_orchestration.release.publication import VIEWS, release_ids, write_views
from cdp_orchestration.release.reader import Release, open_release
from cdp_orchestration.repair.manifests import repair_manifest
from cdp_orchestration.repair.new_cut import cut_again, published_last
from cdp_orchestration.repair.repaired import Repair
from cdp_orchestration.stages.publications import was_published

MAX_NAMED = 5


def repair_releases(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    tables: Collection[PublishedTable],
    continued: Collection[str],
    now: datetime,
) -> Iterator[Repair]:
    """Make the live release whole, or a whole one live.

    Args:
        connection: the warehouse.
        settings: the home.
        tables: the published tables.
        continued: the names of those that the next release continues from the live one.
        now: the time, in UTC.

    Yields:
        What was wrong, one after another.
    """
    releases = settings.releases
    ids = release_ids(releases)
    yield from _repair_manifests(releases, ids)
    live, found = _live(releases, ids)
    if live is None and found is None:
        if not was_published(connection):
            return
        found = "is missing, with all releases"
    if live is not None and found is not None:
        point_to(releases, live.release_id, now, former=ids)
        yield Repair(POINTER, found, f"names {live.release_id} again, the newest release")
    left = [] if live is None else (yield from _repair_files(connection, live, tables))
    if left and live is not None:
        found = "; ".join(map(str, left[:MAX_NAMED]))
    if live is None or left:
        yield _replace(connection, settings, tables, live, left, continued, str(found), now)
        live = _opened(releases)
    if live is not None:
        yield from _repair_views(live)
        if not is_linked(releases, live.release_id):
            link_current(releases, live.release_id)
            yield Repair(LINK, "does not name the live release", f"names {live.release_id}")


def _repair_manifests(releases: Path, ids: Collection[str]) -> Iterator[Repair]:
    for release_id in ids:
        yield from repair_manifest(releases / release_id)


def _live(releases: Path, ids: Collection[str]) -> tuple[Release | None, str | None]:
    """Return the release that is or should be live, and what is wrong with the pointer or with what it names."""
    try:
        named = current_release_id(releases)
    except DamagedReleaseError:
        named, found = None, "cannot be read"
    else:
        found = "is missing" if named is None else f"names {named}, which cannot be opened"
    if named is not None:
        live = _open(releases / named)
        return (live, None) if live is not None else (None, found)
    opened = (_open(releases / release_id) for release_id in ids)
    newest = next((release for release in opened if release is not None), None)
    nothing_published = not ids and not (releases / POINTER).exists()
    return (newest, None) if nothing_published else (newest, found)


def _opened(releases: Path) -> Release | None:
    try:
        release_id = current_release_id(releases)
    except DamagedReleaseError:
        return None
    return _open(releases / release_id) if release_id else None


def _open(folder: Path) -> Release | None:
    try:
        return open_release(folder)
    except DamagedReleaseError:
        return None


def _repair_files(
    connection: duckdb.DuckDBPyConnection, live: Release, tables: Collection[PublishedTable]
) -> Generator[Repair, None, list[DamagedFile]]:
    """Write damaged files again; return those of which the warehouse does not hold the same any more."""
    by_name = {table.name: table for table in tables}
    left: list[DamagedFile] = []
    for file in damaged_files(live):
        if _is_written_again(connection, live, file, by_name):
            yield Repair(f"{live.release_id}/{file.file}", file.found, "written again from the warehouse")
        else:
            left.append(file)
    return left


def _is_written_again(
    connection: duckdb.DuckDBPyConnection,
    live: Release,
    damaged: DamagedFile,
    tables: Mapping[str, PublishedTable],
) -> bool:
    table = tables.get(damaged.table)
    if table is None:
        return False
    entry = live.manifest["tables"][damaged.table]
    file = live.folder / damaged.file
    unfinished = file.with_name(file.name + UNFINISHED_ENDING)
    try:
        export_table(connection, unfinished, replace(table, columns=tuple(entry["columns"])))
        is_same = file_sha256(unfinished) == str(entry["sha256"])
    except duckdb.Error:  # the warehouse is new, or has the table in another form by now
        is_same = False
    if is_same:
        unfinished.replace(file)
        sync_to_disk(live.folder)
    unfinished.unlink(missing_ok=True)
    return is_same


def _replace(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    tables: Collection[PublishedTable],
    live: Release | None,
    left: Collection[DamagedFile],
    continued: Collection[str],
    found: str,
    now: datetime,
) -> Repair:
    """Find readers a release in place of one that cannot be made whole."""
    releases = settings.releases
    what = live.release_id if live else POINTER
    ids = release_ids(releases)
    whole = next((each for each in ids if _is_sound(releases / each)), None)
    if whole is not None and whole == published_last(connection):
        point_to(releases, whole, now, former=ids)
        return Repair(what, found, f"release {whole} is live again, which was published last")
    new = cut_again(connection, settings, tables, previous=whole, were_live=ids, now=now)
    if new:
        return Repair(what, found, f"release {new} is live, which holds the same, from the warehouse")
    if live and not {file.table for file in left} & set(continued):
        return Repair(what, found, "stays live until `cdp sync` publishes anew: ids and histories continue from it")
    if whole is None:
        remedy = f"no release is whole: restore {releases} from a backup; without one remove it, `cdp sync` begins anew"
        return Repair(what, found, remedy, is_mended=False)
    point_to(releases, whole, now, former=ids)
    lost = "ids and history since then begin anew with `cdp sync`; restore the folder from a backup to keep them"
    return Repair(what, found, f"release {whole} is live, the newest that is whole; {lost}", is_mended=False)


def _is_sound(folder: Path) -> bool:
    release = _open(folder)
    return release is not None and not damaged_files(release)


def _repair_views(live: Release) -> Iterator[Repair]:
    path = live.folder / VIEWS
    found = _damage_of_views(path, live) if path.exists() else "is missing"
    if found:
        if path.exists():
            put_aside(path)
        write_views(live.folder, live.manifest)
        yield Repair(f"{live.release_id}/{VIEWS}", found, "written again")


def _damage_of_views(path: Path, live: Release) -> str | None:
    try:
        with duckdb.connect(str(path), read_only=True) as views:
            known = {
                name for (name,) in views.execute("select view_name from duckdb_views() where not internal").fetchall()
            }
    except duckdb.Error as error:
        return f"cannot be opened ({type(error).__name__})"
    missing = sorted(set(live.manifest["tables"]) - known)
    return f"lacks {len(missing):,} views, such as {missing[0]}" if missing else None
