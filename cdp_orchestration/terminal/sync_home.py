"""One sync as a person sees it: the progress, then what was landed, resolved, checked and published."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from cdp_orchestration.home.settings import Settings


def sync_home(settings: Settings, *, full: bool, sources: Sequence[str] = (), is_shown: bool = True) -> None:
    """Sync a home and print what came of it.

    Args:
        settings: the home.
        full: whether everything is built again.
        sources: the sources whose files are read; without any, all.
        is_shown: whether the summary is printed; the progress always is.
    """
    from cdp_orchestration.customer_report.writing import write_report_of_old_data
    from cdp_orchestration.landing import delivery_notices
    from cdp_orchestration.landing.pauses import require_sources
    from cdp_orchestration.release.reader import require_live_release
    from cdp_orchestration.stages.nothing_new import up_to_date_release
    from cdp_orchestration.terminal import summaries, tables

    require_sources(settings, sources)
    started, began_at = time.monotonic(), datetime.now(UTC)
    live = None if full else up_to_date_release(settings, fetches=True, sources=sources)
    if live:
        write_report_of_old_data(settings)
        notices = [*summaries.not_read(sources), *delivery_notices(settings)]
        tables.show(summaries.nothing_new(live, time.monotonic() - started, notices))
        return
    # What follows imports Dagster, which takes longer than to find out that nothing is new.
    from cdp_orchestration.dagster.sync_run import run_sync
    from cdp_orchestration.terminal.sync import shown_progress

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
    if is_shown:
        seconds = time.monotonic() - started
        notices = [*summaries.not_read(sources), *delivery_notices(settings)]
        tables.show(summaries.sync_summary(outcome, release, seconds, notices))
