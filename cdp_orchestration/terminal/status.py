"""The state of a home: what readers see, what is wrong and what to do, the sources, the last syncs."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from cdp_orchestration.dagster.automation import automation_states
from cdp_orchestration.dagster.run_history import SYNC_JOB, PastRun, last_runs
from cdp_orchestration.errors import DamagedReleaseError, DamagedWarehouseError, DeclarationError, WriterBusyError
from cdp_orchestration.health import Health, Look, health_of, look_at, observe_home
from cdp_orchestration.health.gates import LIVE_RELEASE
from cdp_orchestration.health.overall import OF_WAREHOUSE, unreadable
from cdp_orchestration.health.sources import StreamHealth
from cdp_orchestration.home.living_runs import SECONDS_TO_TAKE_THE_LOCK, is_alive
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import delivery_notices
from cdp_orchestration.notifications import Finding, standing_findings
from cdp_orchestration.notifications.outbox import was_taken_up
from cdp_orchestration.release.reader import Release, live_release
from cdp_orchestration.stages.rollback import rollback_sentence

if TYPE_CHECKING:
    from cdp_orchestration.identity_stage.models import Comparison

RUNS_SHOWN = 5
EXIT_CODES: dict[Health, int] = {"healthy": 0, "degraded": 1, "blocked": 2}


@dataclass(frozen=True)
class Status:
    """The state of a home.

    Attributes:
        home: its folder.
        health: what the findings come to.
        live: the live release, None before the first.
        findings: what is wrong, the critical first.
        unfinished: what the next sync builds, and why; empty where what has landed is live.
        streams: the health of each stream; None while another process writes the warehouse.
        syncs: the newest syncs first, of all sources or of one; None in a home in which none has ever started.
        candidate: a candidate model that waits for approval.
        notices: files that no stream reads, sources that are paused, streams that are late or were not fetched.
        automation: whether each schedule and sensor that a user starts is running, by name.
    """

    home: Path
    health: Health
    live: Release | None
    findings: Sequence[Finding]
    unfinished: Sequence[str]
    streams: Sequence[StreamHealth] | None
    syncs: Sequence[PastRun] | None
    candidate: "Comparison | None"
    notices: Sequence[str] = ()
    automation: Mapping[str, bool] = field(default_factory=dict)

    @property
    def objections(self) -> list[str]:
        """Why the live release should not be trusted: each gate that has refused what it was cut from."""
        return [line for each in self.findings if each.subject == LIVE_RELEASE for line in each.details]

    @property
    def live_age(self) -> timedelta | None:
        """How long ago the live release was cut."""
        return (
            None if self.live is None else datetime.now(UTC) - datetime.fromisoformat(self.live.manifest["created_at"])
        )


def read_status(settings: Settings) -> Status:
    """Read the state of a home."""
    live, damage = _live(settings)
    syncs = last_runs(settings, RUNS_SHOWN) if settings.dagster_home.exists() else None
    look, busy = _look(settings)
    findings = [*damage, *(each for each in _findings(settings, look, syncs, live) if each not in damage)]
    return Status(
        home=settings.home,
        health=health_of(findings, has_release=live is not None),
        live=live,
        findings=sorted(findings, key=lambda each: each.severity != "critical"),
        unfinished=[busy] if busy else look.unfinished if look else [],
        streams=look.streams if look else None,
        syncs=syncs,
        candidate=_waiting_candidate(settings) if settings.models.exists() else None,
        notices=_notices(settings),
        automation=_automation(settings),
    )


def _live(settings: Settings) -> tuple[Release | None, list[Finding]]:
    try:
        return live_release(settings.releases), []
    except DamagedReleaseError as error:
        return None, [unreadable(error)]


def _automation(settings: Settings) -> Mapping[str, bool]:
    try:
        return automation_states(settings)
    except DeclarationError:  # which is a finding
        return {}


def automation_sentence(states: Mapping[str, bool]) -> str:
    """Return which schedules and sensors, by name, are running, and which are stopped."""
    running, stopped = (
        [name for name, is_running in states.items() if is_running == wanted] for wanted in (True, False)
    )
    parts = [f"{word}: {', '.join(names)}" for word, names in (("running", running), ("stopped", stopped)) if names]
    return "; ".join(parts)


def _look(settings: Settings) -> tuple[Look | None, str | None]:
    """Return what the warehouse knows, or None and who writes it."""
    try:
        return look_at(settings), None
    except WriterBusyError as error:
        return None, str(error)
    except (DeclarationError, duckdb.Error, DamagedReleaseError, DamagedWarehouseError):  # each is a finding
        return None, None


def _findings(
    settings: Settings, look: Look | None, syncs: Sequence[PastRun] | None, live: Release | None
) -> list[Finding]:
    # What the warehouse knows was read above, or cannot be read now
    observed = observe_home(settings, with_warehouse=look is None)
    known = _known(settings)
    if look is None:
        unseen = OF_WAREHOUSE - observed.kinds
        of_warehouse = [each for each in known if each.kind in unseen]
    else:
        checks = (each for each in known if each.is_left_by_runs)
        of_warehouse = [*look.findings, *checks]
    churn = (each for each in known if each.kind == "churn_budget" and _is_current(each, live))
    newest = syncs[0] if syncs else None
    is_known = newest is not None and _is_taken_up(settings, newest)
    was_killed = _was_killed(settings, newest)
    failed = _failed_runs(known, syncs, of_warehouse, was_killed=was_killed, is_known=is_known)
    return [*failed, *observed.findings, *of_warehouse, *churn]


def _is_current(finding: Finding, live: Release | None) -> bool:
    return finding.subject != "profiles" or (live is not None and finding.occurrence == live.release_id)


def _failed_runs(
    known: Sequence[Finding],
    syncs: Sequence[PastRun] | None,
    of_warehouse: Sequence[Finding],
    *,
    was_killed: bool,
    is_known: bool,
) -> list[Finding]:
    """Return the syncs that failed: as they were taken up, or as the newest run says that was not."""
    newest = syncs[0] if syncs else None
    failed = [each for each in known if each.kind == "failed_run"]
    if newest and newest.status == "started" and was_killed:
        return [*failed, _failed(newest, "was killed")]
    if newest and newest.status == "failure":
        is_said = failed or is_known or any(each.kind == "blocked_release" for each in of_warehouse)
        return failed if is_said else [_failed(newest, "failed")]
    if newest and newest.status == "success":  # it may have been started by the daemon, and not been taken up yet
        return [each for each in failed if _stands_after(each, newest)]
    return failed


def _was_killed(settings: Settings, newest: PastRun | None) -> bool:
    """Return whether a run that has not ended holds no lock of its own, though it has had time to take it."""
    if newest is None or newest.status != "started" or newest.started_at is None:
        return False
    is_overdue = time.time() - newest.started_at > SECONDS_TO_TAKE_THE_LOCK
    # The writer's lock says less: a run that fetches holds it not yet, and another one may hold it now
    return is_overdue and not is_alive(settings, newest.run_id)


def _failed(run: PastRun, how: str) -> Finding:
    return Finding(
        kind="failed_run",
        subject=run.job_name,
        severity="critical",
        what=f"Run {run.run_id} {how}. The live release is as the last complete sync left it.",
        remedy="Its page in `cdp dev` says why; `cdp sync` goes on from there.",
        run_id=run.run_id,
    )


def _stands_after(finding: Finding, success: PastRun) -> bool:
    """Return whether a sync that failed is still to be known of after one that succeeded."""
    if finding.subject == success.job_name:
        return False
    if success.job_name != SYNC_JOB:  # which does the work of each source; that of one source does no other's
        return True
    since = datetime.fromisoformat(finding.since).timestamp() if finding.since else None
    return since is None or success.ended_at is None or since > success.ended_at


def _known(settings: Settings) -> list[Finding]:
    try:
        return standing_findings(settings)
    except sqlite3.Error:  # `cdp doctor` names it
        return []


def _is_taken_up(settings: Settings, run: PastRun) -> bool:
    try:
        return was_taken_up(settings, run.run_id)
    except sqlite3.Error:  # as above
        return False


def _notices(settings: Settings) -> list[str]:
    rollback = rollback_sentence(settings)
    said = [rollback] if rollback else []
    try:
        return [*said, *delivery_notices(settings)]
    except (DeclarationError, duckdb.Error):  # each is a finding
        return said


def _waiting_candidate(settings: Settings) -> "Comparison | None":
    from cdp_orchestration.identity_stage.models import waiting_candidate

    return waiting_candidate(settings)
