"""What is live in a home, and how its last syncs went."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cdp_orchestration.dagster.run_history import PastRun, last_runs
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import Release, live_release

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
