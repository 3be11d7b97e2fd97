"""Texts that are kept for longer than the home says: which rows still have them, and that these lose them."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cdp_orchestration.home.audit import record
from cdp_orchestration.home.retention import KeptTexts
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse, read_warehouse
from cdp_orchestration.landing import create_landing_views
from cdp_orchestration.landing.erasure.coarsened_rows import coarsen_stream, count_old
from cdp_orchestration.privacy.requests import LogEntry, due, log
from cdp_orchestration.privacy.settings import PrivacySettings
from cdp_orchestration.release.reader import require_live_release
from cdp_orchestration.sources import declared_streams


@dataclass(frozen=True)
class OldTexts:
    """How many rows of a stream, as <source>/<stream>, have texts that are too old."""

    stream: str
    row_count: int


def old_texts(settings: Settings, kept: KeptTexts) -> list[OldTexts]:
    """Return which rows that have landed keep texts for too long.

    Args:
        settings: the home.
        kept: for how many days; None for ever.

    Returns:
        The streams with such rows, in order. NoReleaseError where nothing has been published, WriterBusyError while
        the warehouse is being written.
    """
    if kept.keep_days is None or not settings.warehouse.exists():
        return []
    cutoff = _cutoff(settings, kept.keep_days)
    with read_warehouse(settings.warehouse) as connection:
        found = [
            OldTexts(f"{each.source}/{each.name}", count_old(connection, each, cutoff))
            for each in declared_streams(settings)
        ]
    return [each for each in found if each.row_count]


def coarsen_texts(settings: Settings, kept: KeptTexts, privacy: PrivacySettings, by: str, now: datetime) -> int:
    """Take the texts out of rows that are too old; the caller holds the writer's lock, and syncs afterwards.

    Args:
        settings: the home.
        kept: for how many days; None for ever.
        privacy: whether files of the inbox are written again.
        by: who starts it.
        now: the time, in UTC.

    Returns:
        How many rows have lost something. NoReleaseError where nothing has been published.
    """
    if kept.keep_days is None:
        return 0
    cutoff = _cutoff(settings, kept.keep_days)
    tables, rows = Counter[str](), Counter[str]()
    with open_warehouse(settings.warehouse) as connection:
        for stream in declared_streams(settings):
            is_rewritten = privacy.inbox == "rewrite"
            count = coarsen_stream(connection, stream, settings, cutoff, is_inbox_rewritten=is_rewritten)
            tables[stream.source] += bool(count)
            rows[stream.source] += count
        create_landing_views(connection, settings)
    request = f"retention-{now:%Y%m%dT%H%M%S}-texts"
    at = now.isoformat(timespec="seconds")
    entries = [
        LogEntry(request, "coarsen", "", source, at, due(now), at, tables[source], rows[source], by)
        for source in sorted(+rows)
    ]
    if entries:
        log(settings, entries)
        record(settings.audit, "coarsen texts", request, by=by, details={"rows": rows.total(), "days": kept.keep_days})
    return rows.total()


def _cutoff(settings: Settings, days: int) -> datetime:
    """Return the time before which texts go: counted from the newest thing that has landed, as a clock may be wrong."""
    with require_live_release(settings.releases).connect() as release:
        row = release.execute("select as_of_at from as_of").fetchone()
    newest = row[0] if row and row[0] else datetime.fromtimestamp(0, UTC)
    return (newest.astimezone(UTC) if newest.tzinfo else newest).replace(tzinfo=None) - timedelta(days=days)
