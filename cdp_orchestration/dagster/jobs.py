"""The job's schedule, and the sensor that runs it when files arrive; both start stopped."""

import time

import dagster as dg

from cdp_orchestration.dagster.automation import HOURLY_SCHEDULE, INBOX_SENSOR
from cdp_orchestration.dagster.killed_runs import close_killed_runs
from cdp_orchestration.dagster.run_history import SYNC_JOB as SYNC_JOB
from cdp_orchestration.dagster.sync_tries import (
    INPUTS_TAG,
    MAX_TRIES,
    PAUSES_MINUTES,
    decide,
    inputs_of_a_sync,
    past_tries,
)
from cdp_orchestration.dagster.triggers import TRIGGER_TAG
from cdp_orchestration.errors import SyncFailedError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.stages.nothing_new import up_to_date_release
from cdp_orchestration.stages.rollback import rollback_sentence

GIVEN_UP_TAG = "cdp/given_up"  # on the newest failed run, once it was said that nothing is tried after it

_TRIES_IN_WORDS = (
    f"A sync that failed is tried {MAX_TRIES} times in all, after pauses of "
    f"{', '.join(map(str, PAUSES_MINUTES))} minutes; then this fails once and names the runs."
)


def hourly_schedule() -> dg.ScheduleDefinition:
    """Return the schedule that syncs every hour."""

    @dg.schedule(
        name=HOURLY_SCHEDULE,
        job_name=SYNC_JOB,
        cron_schedule="0 * * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Syncs at every full hour; without new files nothing changes. " + _TRIES_IN_WORDS,
    )
    def hourly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        settings = Settings.from_environment()
        live = up_to_date_release(settings, fetches=False)
        if live:
            holds_all = f"release {live.release_id} holds all that has been delivered"
            return dg.SkipReason(f"nothing is new: {rollback_sentence(settings) or holds_all}")
        return _tick(context.instance, {"start", "succeeded", "canceled"}, "schedule")

    return hourly


def inbox_sensor() -> dg.SensorDefinition:
    """Return the sensor that syncs when no sync has completed with the files that the inbox holds."""

    @dg.sensor(
        name=INBOX_SENSOR,
        job_name=SYNC_JOB,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Syncs when files have arrived or changed, or the code or a decision has. " + _TRIES_IN_WORDS,
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        return _tick(context.instance, {"start"}, "sensor")

    return inbox


def _tick(instance: dg.DagsterInstance, starting: set[str], trigger: str) -> dg.RunRequest | dg.SkipReason:
    """Return the request of a run, or why there is none; ``starting`` are the decisions that start one.

    Raises:
        SyncFailedError: as many syncs of the same inputs have failed as are tried; raised once for them.
    """
    now = time.time()
    settings = Settings.from_environment()
    close_killed_runs(instance, settings, now)
    inputs = inputs_of_a_sync(settings)
    tries = past_tries(instance, inputs)
    decision = decide(tries, now)
    if decision.kind in starting:
        tags = {INPUTS_TAG: inputs, TRIGGER_TAG: trigger}
        # Dagster starts a key once: it names the try, and the run that it follows
        follows = tries[0].run_id if tries else "none"
        return dg.RunRequest(run_key=f"{inputs}:{decision.number}:{follows}", tags=tags)
    if decision.kind == "given up" and _report_once(instance, decision.failed[0]):
        raise SyncFailedError(decision.reason)
    return dg.SkipReason(decision.reason)


def _report_once(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Note on the newest run that nothing is tried after it; False if that was noted before."""
    run = instance.get_run_by_id(run_id)
    if run is None or GIVEN_UP_TAG in run.tags:
        return False
    instance.add_run_tags(run_id, {GIVEN_UP_TAG: "true"})
    return True
