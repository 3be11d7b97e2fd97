"""``cdp sync``: whether there is anything to do, the run, what it made, what still stands, who heard of it."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from cdp_orchestration.dagster.run_history import last_runs
from cdp_orchestration.errors import CdpError, SyncFailedError, WriterBusyError
from cdp_orchestration.health import notify_idle, notify_not_started
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import refuse_lost
from cdp_orchestration.landing import delivery_notices
from cdp_orchestration.privacy.requests import pending_erasures
from cdp_orchestration.terminal import summaries, tables
from cdp_orchestration.terminal.destination_report import followed_lines
from cdp_orchestration.terminal.privacy_cli import end_erasures
from cdp_orchestration.terminal.standing import standing_lines


def sync_home(settings: Settings, *, full: bool, sources: Sequence[str] = (), is_shown: bool = True) -> None:
    """Sync a home and show what came of it.

    Args:
        settings: the home.
        full: build everything again, even if nothing is new.
        sources: the sources whose files are read; without any, all.
        is_shown: whether the summary is shown; where nothing was new, that is said in any case.

    Raises:
        CdpError: no run could be started; the targets of the home have been notified of it.
        SyncFailedError: the run has failed; likewise.
        WriterBusyError: another process writes the home; nothing is wrong with it, so that no one is notified.
    """
    try:
        if pending_erasures(settings):
            # What was begun ends first; it builds everything that a sync would
            end_erasures(settings)
            return
        _sync(settings, full=full, sources=sources, is_shown=is_shown)
    except (SyncFailedError, WriterBusyError):
        raise
    except CdpError as error:
        for sentence in notify_not_started(settings, error).sentences:
            tables.show_wait(sentence)
        raise


def _sync(settings: Settings, *, full: bool, sources: Sequence[str], is_shown: bool) -> None:
    from cdp_orchestration.customer_report.writing import write_report_of_old_data
    from cdp_orchestration.landing.pauses import require_sources
    from cdp_orchestration.release.reader import require_live_release
    from cdp_orchestration.stages.nothing_new import up_to_date_release

    require_sources(settings, sources)
    refuse_lost(settings.warehouse)
    started, began_at = time.monotonic(), datetime.now(UTC)
    live = None if full else up_to_date_release(settings, fetches=True, sources=sources)
    if live:
        write_report_of_old_data(settings)
        followed = followed_lines(settings)
        lines = _lines(settings, sources, [*followed, *_notified(settings)])
        tables.show(summaries.nothing_new(live, time.monotonic() - started, lines))
        return
    # What follows imports Dagster, which takes longer than to find out that nothing is new.
    from cdp_orchestration.dagster.sync_run import run_sync
    from cdp_orchestration.terminal.sync_progress import shown_progress

    with shown_progress() as on_progress:
        outcome = run_sync(
            settings,
            full=full,
            sources=sources,
            on_progress=on_progress,
            on_wait=tables.show_wait,
            fetched_at=None if full else began_at,
        )
    release = require_live_release(settings.releases)
    followed = followed_lines(settings)
    notified = [*outcome.notified, *(notify_idle(settings).sentences if followed else [])]
    if is_shown:
        lines = _lines(settings, sources, [*followed, *notified])
        tables.show(summaries.sync_summary(outcome, release, time.monotonic() - started, lines))


def _lines(settings: Settings, sources: Sequence[str], of_sync: Sequence[str]) -> list[str]:
    """Return what a sync should not pass over, and the lines about what it sent itself."""
    return [*summaries.not_read(sources), *delivery_notices(settings), *standing_lines(settings), *of_sync]


def _notified(settings: Settings) -> list[str]:
    """Return what is to be read about notifications, where nothing was to be done."""
    newest = last_runs(settings, 1) if settings.dagster_home.exists() else []
    if not any(run.status == "started" for run in newest):
        return notify_idle(settings).sentences
    # A run that seems to go on may have been killed; that is known to Dagster, which takes longer
    from cdp_orchestration.dagster.notifying import notify_without_run

    return notify_without_run(settings).sentences
