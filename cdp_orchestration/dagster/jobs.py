"""The job, its hourly schedule, and the sensor that runs it when files arrive; both start stopped."""

import dagster as dg

from cdp_orchestration.dagster.run_history import SYNC_JOB as SYNC_JOB
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import inbox_fingerprint

FULL_TAG = "cdp/full"  # a run with this tag builds everything again, even if nothing new has landed


def hourly_schedule() -> dg.ScheduleDefinition:
    """Return the schedule that syncs every hour."""
    return dg.ScheduleDefinition(
        name="hourly_sync",
        job_name=SYNC_JOB,
        cron_schedule="0 * * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Syncs at every full hour; without new files nothing changes.",
    )


def inbox_sensor() -> dg.SensorDefinition:
    """Return the sensor that syncs when the files in the inbox differ from its last evaluation."""

    @dg.sensor(
        name="inbox_sensor",
        job_name=SYNC_JOB,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Syncs when the names, sizes or times of the files in the inbox have changed.",
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        seen = inbox_fingerprint(Settings.from_environment())
        if seen == context.cursor:
            return dg.SkipReason("The inbox holds the same files as at the last evaluation.")
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=seen)], cursor=seen)

    return inbox
