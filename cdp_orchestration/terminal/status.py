"""What is live in a home, and how its last syncs went."""

from datetime import UTC, datetime

from rich.console import Group, RenderableType

from cdp_orchestration.dagster.sync_run import last_runs
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.models import waiting_candidate
from cdp_orchestration.release.reader import live_release
from cdp_orchestration.terminal.summaries import model_comparison
from cdp_orchestration.terminal.tables import table

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
    rows = [
        (run.run_id, run.status, _time(run.started_at), _seconds(run.started_at, run.ended_at))
        for run in last_runs(settings, RUNS_SHOWN)
    ]
    return table("Last syncs", ("run", "status", "started (UTC)", "seconds"), rows)


def _time(timestamp: float | None) -> str:
    return "" if timestamp is None else f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M:%S}"


def _seconds(started: float | None, ended: float | None) -> str:
    return "" if started is None or ended is None else f"{ended - started:.0f}"
