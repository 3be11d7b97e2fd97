"""Runs that no process works on: Dagster shows them as started, or about to start, for ever; they hold up others."""

import os
import time
from datetime import UTC, datetime

import dagster as dg

from cdp_orchestration.dagster.run_history import is_sync
from cdp_orchestration.home.living_runs import SECONDS_TO_TAKE_THE_LOCK, forget_run, is_alive
from cdp_orchestration.home.settings import Settings

_SECONDS_TO_LAUNCH = 600.0
_SECONDS_TO_END = 2.0  # a run gives its lock back before it notes its end


def close_killed_runs(instance: dg.DagsterInstance, settings: Settings, now: float) -> list[str]:
    """Mark runs as failed that no process works on; Dagster then starts them again (``run_retries``).

    A run is alive while it holds its own lock, which the system releases with the process: it fetches, waits its turn
    or writes. Any other run was killed if its process is not there, and a sync also if it has run for two minutes
    without the lock: the process that now has its number is another one.

    A sync that was made ten minutes ago and neither queued nor launched since never will be: who made it was killed in
    between. Dagster's daemon does the same within minutes, where its ``run_monitoring`` is on, and gives up what was
    launched and does not start. What waits in its queue is not lost, so that it stays.

    Args:
        instance: Dagster's storage of this home.
        settings: the home.
        now: seconds since 1970.

    Returns:
        The ids of these runs.
    """
    started = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    killed = [record.dagster_run for record in started if _was_killed(instance, settings, record, now)]
    for run in killed:
        instance.report_run_failed(run, "The process of this run was killed; the next sync does its work.")
        forget_run(settings, run.run_id)
    unlaunched = _never_launched(instance, now)
    for run in unlaunched:
        instance.report_run_failed(run, "This run was made and never launched; the next sync does its work.")
    return [run.run_id for run in (*killed, *unlaunched)]


def _was_killed(instance: dg.DagsterInstance, settings: Settings, record: dg.RunRecord, now: float) -> bool:
    run = record.dagster_run
    if is_alive(settings, run.run_id):
        return False
    is_there = _is_process_there(instance, run.run_id)
    is_overdue = is_sync(run.job_name) and now - (record.start_time or now) > SECONDS_TO_TAKE_THE_LOCK
    if is_there and not is_overdue:
        return False
    if is_there:
        time.sleep(_SECONDS_TO_END)
    # It may have ended, and not been killed, since the runs were read
    latest = instance.get_run_by_id(run.run_id)
    return latest is not None and latest.status == dg.DagsterRunStatus.STARTED


def _never_launched(instance: dg.DagsterInstance, now: float) -> list[dg.DagsterRun]:
    made_before = datetime.fromtimestamp(now - _SECONDS_TO_LAUNCH, UTC)
    wanted = dg.RunsFilter(statuses=[dg.DagsterRunStatus.NOT_STARTED], created_before=made_before)
    return [run for run in instance.get_runs(wanted) if is_sync(run.job_name)]


def _is_process_there(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Return whether the process that a run has named last runs on this machine; True where it has named none."""
    pids = [
        entry.dagster_event.engine_event_data.metadata["pid"].value
        for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
        if entry.dagster_event and "pid" in entry.dagster_event.engine_event_data.metadata
    ]
    if not pids:
        return True
    try:
        os.kill(int(str(pids[-1])), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
