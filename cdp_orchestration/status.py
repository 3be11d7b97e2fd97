"""What is live in a home, and how its last syncs went."""

from datetime import UTC, datetime

import dagster as dg
from rich.console import Group, RenderableType

from cdp_orchestration.identity_stage.models import waiting_candidate
from cdp_orchestration.instance import open_instance
from cdp_orchestration.jobs import SYNC_JOB
from cdp_orchestration.release.reader import live_release
from cdp_orchestration.report import model_comparison, table
from cdp_orchestration.settings import Settings

RUNS_SHOWN = 5


def status_report(settings: Settings) -> RenderableType:
    """Return the live release with its tables, the newest runs of the main job, and a candidate model that waits."""
    waiting = waiting_candidate(settings)
    candidate = [model_comparison(waiting)] if waiting else []
    return Group(f"Home: {settings.home}", _live(settings), _runs(settings), *candidate)


def _live(settings: Settings) -> RenderableType:
    release = live_release(settings.releases)
    if release is None:
        return "Live release: none yet; `cdp demo` or `cdp sync` makes one"
    rows = [(name, f"{entry['rows']:,}") for name, entry in release.manifest["tables"].items()]
    return Group(
        f"Live release: {release.release_id} in {release.folder}",
        table("Tables", ("table", "rows"), rows),
    )


def _runs(settings: Settings) -> RenderableType:
    if not settings.dagster_home.exists():
        return "Syncs: none yet"
    records = open_instance(settings).get_run_records(dg.RunsFilter(job_name=SYNC_JOB), limit=RUNS_SHOWN)
    rows = [
        (
            record.dagster_run.run_id,
            record.dagster_run.status.value.lower(),
            _time(record.start_time),
            _seconds(record.start_time, record.end_time),
        )
        for record in records
    ]
    return table("Last syncs", ("run", "status", "started (UTC)", "seconds"), rows)


def _time(timestamp: float | None) -> str:
    return "" if timestamp is None else f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M:%S}"


def _seconds(started: float | None, ended: float | None) -> str:
    return "" if started is None or ended is None else f"{ended - started:.0f}"
