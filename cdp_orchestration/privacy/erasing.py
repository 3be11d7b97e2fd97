"""The erasure of people, step by step. Each step can be done again, so that one that was killed is ended by the next.

Before everything is built anew without the people, they leave what landed, the files of the inbox, the model, the
decisions and all releases; after it, what the warehouse and the other files still hold.
"""

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from cdp_orchestration.dbt.bucket_files import remove_bucket_files
from cdp_orchestration.home.audit import record
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.engine_choice import remove_steps
from cdp_orchestration.landing.erasure.erased_batches import ErasedRows, erase_from_landing
from cdp_orchestration.landing.erasure.erased_deliveries import ErasedDelivery, erase_from_inbox
from cdp_orchestration.landing.erasure.erased_people import suppress
from cdp_orchestration.privacy.closure import Closure
from cdp_orchestration.privacy.files import erase_from_files, remove_exports
from cdp_orchestration.privacy.model_terms import erase_from_models
from cdp_orchestration.privacy.proof import Left, what_is_left
from cdp_orchestration.privacy.releases import erase_from_releases
from cdp_orchestration.privacy.requests import (
    PLATFORM,
    LogEntry,
    Pending,
    begin,
    complete,
    due,
    end,
    log,
    read_log,
    reopen,
    require_new,
    together,
)
from cdp_orchestration.privacy.settings import PrivacySettings
from cdp_orchestration.privacy.warehouse import erase_from_warehouse
from cdp_orchestration.release.pointer import current_release_id
from cdp_orchestration.release.pruning import prune_releases
from cdp_orchestration.release.publication import release_ids
from cdp_orchestration.stages.person_decisions import forget_decisions

MAX_TOGETHER = 100
"""People who are sought at once: a pattern of more than some 20,000 values is refused by the library."""


@dataclass(frozen=True)
class Removed:
    """What left a home before it is built anew.

    Attributes:
        rows: of each stream.
        deliveries: files of the inbox that held the people.
    """

    rows: tuple[ErasedRows, ...]
    deliveries: tuple[ErasedDelivery, ...]


def begin_erasure(settings: Settings, closure: Closure, request_id: str, by: str, why: str, now: datetime) -> Pending:
    """Note an erasure, so that whatever happens it will end; the caller holds the writer's lock.

    Args:
        settings: the home.
        closure: the people.
        request_id: the id of the request; RequestIdError where one of that id has ended.
        by: who entered it.
        why: what is to be read about it; it names no one.
        now: the time, in UTC.

    Returns:
        The pending erasure.
    """
    require_new(settings, request_id)
    at = now.isoformat(timespec="seconds")
    pending = Pending(
        request_id,
        at,
        due(now),
        by,
        closure.profile_ids,
        closure.records,
        tuple(sorted(closure.names)),
        tuple(sorted(closure.values)),
        tuple(sorted(closure.words)),
        why,
    )
    begun = begin(settings, pending)
    if begun is pending:
        record(settings.audit, "erase", request_id, by=by, why=why, details={"records": len(closure.records)})
    return begun


def remove_people(settings: Settings, pending: Pending, privacy: PrivacySettings, now: datetime) -> Removed:
    """Remove people from everything that is not built anew; the caller holds the writer's lock.

    Args:
        settings: the home.
        pending: the people.
        privacy: what becomes of files of the inbox and of older releases.
        now: the time, in UTC.

    Returns:
        What was removed.
    """
    suppress(settings, pending.names, pending.request_id, pending.requested_at)
    rows = erase_from_landing(settings, pending.erasure)
    deliveries = erase_from_inbox(settings, pending.erasure, is_rewritten=privacy.inbox == "rewrite")
    terms = erase_from_models(settings, pending)
    remove_exports(settings, pending.profile_ids)
    forgotten = forget_decisions(settings, pending.records)
    decisions = erase_from_files(settings, pending)
    remove_steps(settings)
    remove_bucket_files(settings.home)
    if privacy.older_releases == "drop":
        # One that is pinned or read stays, without the people
        prune_releases(settings.releases, keep=1, keep_daily=0)
    releases = erase_from_releases(settings.releases, pending, now)
    made = (releases, decisions, (int(bool(terms)), terms), (int(bool(forgotten)), forgotten))
    _log(settings, pending, rows, sum(tables for tables, _ in made), sum(count for _, count in made), now)
    return Removed(tuple(rows), tuple(deliveries))


def finish(settings: Settings, pending: Sequence[Pending], privacy: PrivacySettings, now: datetime) -> list[Left]:
    """Remove what is left once all is built without the people, and prove it; the caller holds the writer's lock.

    Args:
        settings: the home, whose live release was built without them.
        pending: the people.
        privacy: whether files of the inbox were only listed: then they are not searched.
        now: the time, in UTC.

    Returns:
        Where something is left; an erasure of which nothing is left has ended.
    """
    _drop_older_open_tiers(settings)
    listed = [settings.inbox] if privacy.inbox == "list" else []
    left: list[Left] = []
    for start in range(0, len(pending), MAX_TOGETHER):
        group = pending[start : start + MAX_TOGETHER]
        everyone = together(group)
        erase_from_warehouse(settings, everyone)
        erase_from_files(settings, everyone)
        found = what_is_left(settings, everyone, listed)
        left += found
        for each in group:
            if found:
                reopen(settings, each.request_id, PLATFORM)
            else:
                complete(settings, each.request_id, now)
                end(settings, each.request_id)
    return left


def _drop_older_open_tiers(settings: Settings) -> None:
    if not settings.open_releases.exists():
        return
    live = current_release_id(settings.open_releases)
    for release_id in release_ids(settings.open_releases):
        if release_id != live:
            shutil.rmtree(settings.open_releases / release_id)


def _log(
    settings: Settings, pending: Pending, rows: Collection[ErasedRows], tables: int, platform_rows: int, now: datetime
) -> None:
    """Log what was done in each source, and in what is built from them; a step that is done again adds nothing."""
    at = now.isoformat(timespec="seconds")
    by_source: dict[str, tuple[int, int]] = {}
    for each in rows:
        known = by_source.get(each.stream.source, (0, 0))
        by_source[each.stream.source] = (known[0] + bool(each.row_count), known[1] + each.row_count)
    by_source[PLATFORM] = (tables, platform_rows)
    known_rows = {(e.request_id, e.system_name): e.rows_affected for e in read_log(settings)}
    log(
        settings,
        [
            LogEntry(
                pending.request_id, "erase", profile_id, system, pending.requested_at, pending.due_at, at,
                tables_affected, count, pending.requested_by,
            )
            for system, (tables_affected, count) in sorted(by_source.items())
            for profile_id in pending.profile_ids or ("",)
            if count or (pending.request_id, system) not in known_rows
        ],
    )  # fmt: skip
