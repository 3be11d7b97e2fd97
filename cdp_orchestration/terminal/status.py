"""What is live in a home, and how its last syncs went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cdp_orchestration.dagster.automation import automation_states
from cdp_orchestration.dagster.run_history import PastRun, last_runs
from cdp_orchestration.errors import WriterBusyError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.landing import delivery_notices
from cdp_orchestration.release.reader import Release, live_release
from cdp_orchestration.stages.chain import read_chain
from cdp_orchestration.stages.publications import is_live, objections_to_live

if TYPE_CHECKING:
    from cdp_orchestration.identity_stage.models import Comparison

RUNS_SHOWN = 5


@dataclass(frozen=True)
class Status:
    """The state of a home.

    Attributes:
        home: its folder.
        live: the live release, None before the first.
        objections: why the live release should not be trusted: each gate that has refused what it was cut from.
        unfinished: what the next sync builds, and why; empty where what has landed is live.
        syncs: the newest runs of the main job first; None in a home in which no sync has ever started.
        candidate: a candidate model that waits for approval.
        notices: files that no stream reads, streams that were not fetched.
        automation: whether each schedule and sensor is running, by name.
    """

    home: Path
    live: Release | None
    objections: Sequence[str]
    unfinished: Sequence[str]
    syncs: Sequence[PastRun] | None
    candidate: "Comparison | None"
    notices: Sequence[str] = ()
    automation: Mapping[str, bool] = field(default_factory=dict)


def read_status(settings: Settings) -> Status:
    """Read the state of a home."""
    objections, unfinished = _stages(settings) if settings.warehouse.exists() else ([], [])
    return Status(
        home=settings.home,
        live=live_release(settings.releases),
        objections=objections,
        unfinished=unfinished,
        syncs=last_runs(settings, RUNS_SHOWN) if settings.dagster_home.exists() else None,
        candidate=_waiting_candidate(settings) if settings.models.exists() else None,
        notices=delivery_notices(settings),
        automation=automation_states(settings),
    )


def automation_sentence(states: Mapping[str, bool]) -> str:
    """Return which schedules and sensors, by name, are running, and which are stopped."""
    running, stopped = (
        [name for name, is_running in states.items() if is_running == wanted] for wanted in (True, False)
    )
    parts = [f"{word}: {', '.join(names)}" for word, names in (("running", running), ("stopped", stopped)) if names]
    return "; ".join(parts)


def _waiting_candidate(settings: Settings) -> "Comparison | None":
    from cdp_orchestration.identity_stage.models import waiting_candidate

    return waiting_candidate(settings)


def _stages(settings: Settings) -> tuple[list[str], list[str]]:
    """Return the objections to the live release, and what is unfinished; while a process writes, that it does."""
    try:
        with read_warehouse(settings.warehouse) as connection:
            chain = read_chain(connection, settings)
            unfinished = [str(link) for link in chain.broken]
            if chain.is_complete and not is_live(connection, settings, chain):
                unfinished = ["what is built is not live; materialize the group release, or run `cdp sync`"]
            return objections_to_live(connection, settings), unfinished
    except WriterBusyError as error:
        return [], [str(error)]
