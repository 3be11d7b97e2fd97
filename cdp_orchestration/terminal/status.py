"""What is live in a home, and how its last syncs went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType

from cdp_orchestration.dagster.run_history import PastRun, last_runs
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import Release, live_release
from cdp_orchestration.terminal.plain_text import text
from cdp_orchestration.terminal.summaries import model_comparison
from cdp_orchestration.terminal.tables import table

if TYPE_CHECKING:
    from cdp_orchestration.identity_stage.models import Comparison

RUNS_SHOWN = 5


@dataclass(frozen=True)
class Status:
    """The state of a home: the live release, the newest runs of the main job first, and a candidate model that waits.

    syncs is None in a home in which no sync has ever started.
    """

    home: Path
    live: Release | None
    syncs: Sequence[PastRun] | None
    candidate: "Comparison | None"


def read_status(settings: Settings) -> Status:
    """Read the state of a home."""
    return Status(
        home=settings.home,
        live=live_release(settings.releases),
        syncs=last_runs(settings, RUNS_SHOWN) if settings.dagster_home.exists() else None,
        candidate=_waiting_candidate(settings) if settings.models.exists() else None,
    )


def _waiting_candidate(settings: Settings) -> "Comparison | None":
    from cdp_orchestration.identity_stage.models import waiting_candidate

    return waiting_candidate(settings)


def status_report(found: Status) -> RenderableType:
    """Return the state of a home for the terminal."""
    candidate = [model_comparison(found.candidate)] if found.candidate else []
    return Group(text(f"Home: {found.home}"), _live(found.live), _runs(found.syncs), *candidate)


def _live(release: Release | None) -> RenderableType:
    if release is None:
        return text("Live release: none yet; `cdp demo` or `cdp sync` makes one")
    rows = [(name, f"{entry['rows']:,}") for name, entry in release.manifest["tables"].items()]
    return Group(
        text(f"Live release: {release.release_id} in {release.folder}"),
        table("Tables", ("table", "rows"), rows),
    )


def _runs(runs: Sequence[PastRun] | None) -> RenderableType:
    if runs is None:
        return text("Syncs: none yet")
    rows = [(run.run_id, run.status, _time(run.started_at), _seconds(run.started_at, run.ended_at)) for run in runs]
    return table("Last syncs", ("run", "status", "started (UTC)", "seconds"), rows)


def _time(timestamp: float | None) -> str:
    return "" if timestamp is None else f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M:%S}"


def _seconds(started: float | None, ended: float | None) -> str:
    return "" if started is None or ended is None else f"{ended - started:.0f}"
