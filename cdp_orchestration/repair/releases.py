"""Releases: damaged files are written again from the warehouse, and the pointer names the newest whole release."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import duckdb

from cdp_orchestration.errors import DamagedReleaseError
from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, sync_to_disk
from cdp_orchestration.release.bundle import PublishedTable, export_table, file_sha256
from cdp_orchestration.release.integrity import DamagedFile, damaged_files
from cdp_orchestration.release.publication import VIEWS, current_release_id, point_to, release_ids, write_views
from cdp_orchestration.release.reader import Release, open_release
from cdp_orchestration.repair.repaired import Repair, put_aside


def repair_releases(
    connection: duckdb.DuckDBPyConnection, releases: Path, tables: Iterable[PublishedTable], now: datetime
) -> Iterator[Repair]:
    """Make the live release whole, or the newest whole one live.

    A file is replaced only by one with the very content that was published: the warehouse may have gone on since.

    Args:
        connection: the warehouse.
        releases: the folder of all releases.
        tables: the published tables.
        now: the time, in UTC.

    Yields:
        What was wrong, one after another.
    """
    live, found = _live(releases)
    if live is None and not release_ids(releases):
        return
    if live is not None:
        by_name = {table.name: table for table in tables}
        left: list[DamagedFile] = []
        for file in damaged_files(live):
            if _is_written_again(connection, live, file, by_name):
                yield Repair(f"{live.release_id}/{file.file}", file.found, "written again from the warehouse")
            else:
                left.append(file)
        if not left:
            yield from _repair_views(live)
            return
        found = f"{live.release_id} has damaged files: {'; '.join(map(str, left[:5]))}"
    yield _point_to_newest_whole(releases, found, now)


def _live(releases: Path) -> tuple[Release | None, str]:
    """Return the live release, or why it does not open."""
    try:
        release_id = current_release_id(releases)
        return (open_release(releases / release_id), "") if release_id else (None, "is missing")
    except DamagedReleaseError as error:
        return None, str(error).partition(";")[0].partition(". ")[0]


def _is_written_again(
    connection: duckdb.DuckDBPyConnection,
    live: Release,
    damaged: DamagedFile,
    tables: Mapping[str, PublishedTable],
) -> bool:
    table = tables.get(damaged.table)
    if table is None:
        return False
    file = live.folder / damaged.file
    unfinished = file.with_name(file.name + UNFINISHED_ENDING)
    try:
        export_table(connection, unfinished, table)
        is_same = file_sha256(unfinished) == str(live.manifest["tables"][damaged.table]["sha256"])
    except duckdb.Error:  # the warehouse is new, or has the table in another form by now
        is_same = False
    if is_same:
        unfinished.replace(file)
        sync_to_disk(live.folder)
    unfinished.unlink(missing_ok=True)
    return is_same


def _repair_views(live: Release) -> Iterator[Repair]:
    path = live.folder / VIEWS
    try:
        with duckdb.connect(str(path), read_only=True) as views:
            for name in live.manifest["tables"]:
                views.execute(f'select 1 from "{name}" limit 0')
    except duckdb.Error as error:
        if path.exists():
            put_aside(path)
        write_views(live.folder, live.manifest)
        yield Repair(f"{live.release_id}/{VIEWS}", f"did not open ({type(error).__name__})", "written again")


def _point_to_newest_whole(releases: Path, found: str, now: datetime) -> Repair:
    folders = release_ids(releases)
    whole = next((release_id for release_id in folders if _is_whole(releases / release_id)), None)
    if whole is None:
        left = "no other release is whole: restore one from a backup"
        return Repair("CURRENT.json", found, left)
    point_to(releases, whole, folders, now)
    return Repair(
        "CURRENT.json", found, f"release {whole} is live, the newest that is whole; `cdp sync` publishes anew"
    )


def _is_whole(folder: Path) -> bool:
    try:
        return not damaged_files(open_release(folder))
    except DamagedReleaseError:
        return False
