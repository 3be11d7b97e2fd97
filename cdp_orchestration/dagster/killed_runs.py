"""Runs whose process was killed: Dagster shows them as started for ever, and they hold up the queue."""

import os
import time

import dagster as dg

from cdp_orchestration.dagster.run_history import SYNC_JOB
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.writer_lock import current_holder

_SECONDS_TO_TAKE_THE_LOCK = 120.0
_SECONDS_TO_END = 2.0  # a run gives the lock back before it notes its end


def close_killed_runs(instance: dg.DagsterInstance, settings: Settings, now: float) -> list[str]:
    """Mark runs as failed whose process was killed; Dagster then starts them again (``run_retries``).

    A run is alive while it holds the writer's lock, which the system releases with the process. Any other run was
    killed if its process is not there, and a sync also if it has run for two minutes without the lock: the process
    that now has its number is another one.

    Args:
        instance: Dagster's storage of this home.
        settings: the home.
        now: seconds since 1970.

    Returns:
        The ids of these runs.
    """
    started = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    if not started:
        return []
    holder = current_holder(settings.writer_lock)
    killed = []
    for record in started:
        run = record.dagster_run
        if holder is not None and run.run_id in holder.purpose:
            continue
        is_there = _is_process_there(instance, run.run_id)
        is_overdue = run.job_name == SYNC_JOB and now - (record.start_time or now) > _SECONDS_TO_TAKE_THE_LOCK
        if is_there and not is_overdue:
            continue
        if is_there:
            time.sleep(_SECONDS_TO_END)
        # It may have ended, and not been killed, since the runs were read
        latest = instance.get_run_by_id(run.run_id)
        if latest and latest.status == dg.DagsterRunStatus.STARTED:
            instance.report_run_failed(run, "The process of this run was killed; the next sync does its work.")
            killed.append(run.run_id)
    return killed


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
