"""When the sensor and the schedule start a sync: what they ask is what last completed, not what was last requested.

A sync is identified by its inputs: the files in the inbox, the code, and the decisions of people. One that failed, was
killed or was refused the writer's lock is tried again after growing pauses; other inputs begin anew.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import dagster as dg

from cdp_orchestration.dagster.run_history import SYNC_JOB
from cdp_orchestration.home.code_version import code_version
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.fingerprint import decisions_fingerprint
from cdp_orchestration.landing import inbox_fingerprint

INPUTS_TAG = "cdp/inputs"  # on a run of the main job: what it was asked to build from
PAUSES_MINUTES = (1, 5, 15, 60)
MAX_TRIES = len(PAUSES_MINUTES) + 1

_RUNS_READ = 100
_ROOT_TAG = "dagster/root_run_id"  # a run that Dagster or a person repeats names the first of its kind
Status = Literal["success", "failure", "canceled", "under way"]
_ENDED: Mapping[dg.DagsterRunStatus, Status] = {
    dg.DagsterRunStatus.SUCCESS: "success",
    dg.DagsterRunStatus.FAILURE: "failure",
    dg.DagsterRunStatus.CANCELED: "canceled",
}


@dataclass(frozen=True)
class Try:
    """One run of the same inputs, or the newest of the runs that repeat it; the end in seconds since 1970."""

    run_id: str
    status: Status
    ended_at: float | None = None


@dataclass(frozen=True)
class Decision:
    """Whether to start a sync, and the reason in words; ``failed`` names the runs that failed in a row."""

    kind: Literal["start", "succeeded", "canceled", "under way", "wait", "given up"]
    reason: str
    number: int = 1
    failed: tuple[str, ...] = ()


def inputs_of_a_sync(settings: Settings) -> str:
    """Return a name for the files in the inbox, the code and the decisions of people."""
    parts = (inbox_fingerprint(settings), code_version(), decisions_fingerprint(settings))
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]


def decide(tries: Sequence[Try], now: float) -> Decision:
    """Return whether a sync of these inputs is to be started.

    Args:
        tries: the syncs of the same inputs, the newest first.
        now: seconds since 1970.

    Returns:
        The decision. Pauses are counted from the end of the newest try, failures since the last success.
    """
    if not tries:
        return Decision("start", "no sync of these files has been started")
    newest = tries[0]
    if newest.status == "under way":
        return Decision("under way", f"run {newest.run_id} is syncing these files")
    if newest.status == "success":
        return Decision("succeeded", f"run {newest.run_id} has synced these files")
    if newest.status == "canceled":
        return Decision("canceled", f"run {newest.run_id}, which synced these files, was canceled by a person")
    failed = _failed_in_a_row(tries)
    if len(failed) >= MAX_TRIES:
        return Decision("given up", _given_up(failed), failed=failed)
    due = (newest.ended_at or now) + 60 * PAUSES_MINUTES[len(failed) - 1]
    number = len(failed) + 1
    if now < due:
        at = f"{datetime.fromtimestamp(due, UTC):%Y-%m-%d %H:%M:%S} UTC"
        return Decision(
            "wait", f"run {newest.run_id} failed; try {number} of {MAX_TRIES} is due at {at}", number, failed
        )
    return Decision("start", f"run {newest.run_id} failed; this is try {number} of {MAX_TRIES}", number, failed)


def past_tries(instance: dg.DagsterInstance, inputs: str) -> list[Try]:
    """Return the syncs of some inputs, the newest first.

    A run that was repeated, by Dagster after its process was killed or by a person, counts once: with its newest run.
    """
    wanted = dg.RunsFilter(job_name=SYNC_JOB, tags={INPUTS_TAG: inputs})
    newest: dict[str, Try] = {}
    for record in instance.get_run_records(wanted, limit=_RUNS_READ):
        run = record.dagster_run
        status = _ENDED.get(run.status, "under way")
        newest.setdefault(run.tags.get(_ROOT_TAG, run.run_id), Try(run.run_id, status, record.end_time))
    return list(newest.values())


def _failed_in_a_row(tries: Sequence[Try]) -> tuple[str, ...]:
    failed = []
    for one in tries:
        if one.status != "failure":
            break
        failed.append(one.run_id)
    return tuple(failed)


def _given_up(failed: tuple[str, ...]) -> str:
    return (
        f"{len(failed)} syncs of the same files failed (runs {', '.join(failed)}); expected one to succeed: read the "
        "error of the newest run in the UI under Runs, correct its cause, and start a sync; files that arrive, other "
        "code or another decision are tried by themselves"
    )
