"""Erase people from releases: each table that holds them is written again, with a note in the manifest.

Facts stay without their person: an order keeps its amount. The manifest says that its release is being written before
the first file changes, so that after a kill the same is done again.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, replace_file, sync_to_disk
from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.privacy.people import Column, is_theirs, register_people
from cdp_orchestration.privacy.requests import Pending
from cdp_orchestration.privacy.roles import is_published_fact, published_role
from cdp_orchestration.release.bundle import MANIFEST, MANIFEST_COPY, WRITTEN_AS, copy_of_manifest, file_sha256
from cdp_orchestration.release.publication import release_ids
from cdp_orchestration.release.reader import connect_in_utc, open_release

_LOST_ROLES = ("identifying", "sensitive")
_ERASING, _ERASED = "erasing", "erased"


def erase_from_releases(releases: Path, pending: Pending, now: datetime) -> tuple[int, int]:
    """Write the tables of all releases that hold the people again; the caller holds the writer's lock.

    Args:
        releases: the folder of the releases.
        pending: the people.
        now: the time of their last event, in UTC.

    Returns:
        How many tables changed, and how many of their rows.
    """
    tables = rows = 0
    for left in releases.glob(".candidate-*"):
        shutil.rmtree(left)
    with connect_in_utc() as engine:
        register_people(engine, pending)
        for release_id in release_ids(releases):
            for changed in _erase_release(engine, releases / release_id, pending, now):
                tables, rows = tables + 1, rows + changed
    return tables, rows


def _erase_release(engine: duckdb.DuckDBPyConnection, folder: Path, pending: Pending, now: datetime) -> Iterator[int]:
    manifest = open_release(folder).manifest
    if pending.request_id in manifest.get(_ERASED, []):
        return
    was_begun = _ERASING in manifest  # by whichever request was killed here
    _write_manifest(folder, {**manifest, _ERASING: pending.request_id})
    for name, entry in manifest["tables"].items():
        file = folder / entry["file"]
        changed = _erase_table(engine, name, file, entry, pending, now)
        if changed or was_begun:
            entry |= {"sha256": file_sha256(file), "size_bytes": file.stat().st_size, "rows": _count(engine, file)}
        if changed:
            yield changed
    manifest.pop(_ERASING, None)
    _write_manifest(folder, {**manifest, _ERASED: [*manifest.get(_ERASED, []), pending.request_id]})


def _erase_table(
    engine: duckdb.DuckDBPyConnection, name: str, file: Path, entry: dict[str, Any], pending: Pending, now: datetime
) -> int:
    """Write one table again where it holds the people; return how many rows changed."""
    columns = [Column(str(row[0]), str(row[1])) for row in engine.execute(f"describe {_read(file)}").fetchall()]
    theirs = is_theirs(columns)
    found = engine.execute(f"select count(*) from ({_read(file)}) where {theirs}").fetchone()
    count = int(found[0]) if found else 0
    added = _added_rows(name, columns, pending, now)
    if not count and not added:
        return 0
    query = _kept_rows(name, file, columns, entry, theirs, pending)
    for row in added:
        query += f" union all by name select {row}"
    order = ", ".join(quoted(column) for column in entry.get("key") or ()) or "all"
    unfinished = file.with_name(file.name + UNFINISHED_ENDING)
    engine.execute(f"copy (select * from ({query}) order by {order}) to {text_literal(unfinished)} ({WRITTEN_AS})")
    sync_to_disk(unfinished)
    unfinished.chmod(file.stat().st_mode & 0o777)
    unfinished.replace(file)
    sync_to_disk(file.parent)
    return count + len(added)


def _kept_rows(
    table: str, file: Path, columns: Sequence[Column], entry: dict[str, Any], theirs: str, pending: Pending
) -> str:
    if table == "profile_redirects":
        # A former id of an erased profile leads nowhere; that of the profile itself is added, once however often
        emptied = f"if({theirs}, null, profile_id) as profile_id, if({theirs}, 'erased', reason) as reason"
        gone = ", ".join(map(text_literal, pending.profile_ids)) or "null"
        return f"select * replace ({emptied}) from ({_read(file)}) where coalesce(old_profile_id not in ({gone}), true)"
    if not is_published_fact(table):
        return f"select * from ({_read(file)}) where not {theirs}"
    is_key = "list_contains(getvariable('erased_keys'), {0})"
    emptied = ", ".join(
        f"if({theirs if is_lost else is_key.format(name)}, null, {name}) as {name}"
        for each in columns
        for name, is_lost in [(quoted(each.name), published_role(table, each.name) in _LOST_ROLES)]
        if is_lost or each.is_text
    )
    # A fact that is the person, such as the creation of the account, goes with them
    own = [
        each.name for each in columns if each.name in (*(entry.get("key") or ()), "source_record_id") and each.is_text
    ]
    pattern = text_literal(pending.erasure.pattern)
    is_person = " or ".join(f"coalesce(regexp_matches({quoted(each)}, {pattern}), false)" for each in own) or "false"
    return f"select * replace ({emptied}) from ({_read(file)}) where not ({is_person})"


def _added_rows(name: str, columns: Sequence[Column], pending: Pending, now: datetime) -> list[str]:
    """Return what the two tables that say what became of profiles say of the erased ones, a row each as SQL."""
    if name == "profile_events":
        rows = [
            {
                "event_id": text_literal(f"erased-{pending.request_id}-{profile}"),
                "event_type": "'erased'",
                "profile_id": text_literal(profile),
                "cause": "'privacy_request'",
                "run_id": text_literal(pending.request_id),
                "occurred_at": f"timestamp '{now:%Y-%m-%d %H:%M:%S}'",
            }
            for profile in pending.profile_ids
        ]
    elif name == "profile_redirects":
        rows = [
            {
                "old_profile_id": text_literal(profile),
                "reason": "'erased'",
                "record_share": "0.0",
                "redirected_at": f"timestamp '{now:%Y-%m-%d %H:%M:%S}'",
            }
            for profile in pending.profile_ids
        ]
    else:
        return []
    return [
        ", ".join(f"cast({row.get(each.name, 'null')} as {each.type}) as {quoted(each.name)}" for each in columns)
        for row in rows
    ]


def _read(file: Path) -> str:
    return f"select * from read_parquet({text_literal(file)})"


def _count(engine: duckdb.DuckDBPyConnection, file: Path) -> int:
    row = engine.execute(f"select count(*) from ({_read(file)})").fetchone()
    return int(row[0]) if row else 0


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    written = json.dumps(manifest, indent=2, ensure_ascii=False).encode()
    replace_file(folder / MANIFEST, written)
    replace_file(folder / MANIFEST_COPY, copy_of_manifest(written))
