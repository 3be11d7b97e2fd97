"""A job a source, which lands its streams and builds all that follows, and the schedules that sources declare."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import dagster as dg

from cdp_orchestration.dagster.automation import job_name, schedule_name
from cdp_orchestration.dagster.gates import GATE
from cdp_orchestration.dagster.run_history import SYNC_JOB
from cdp_orchestration.dagster.triggers import SOURCE_TAG, TRIGGER_TAG
from cdp_orchestration.dbt.composition import company_time_zone
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.pauses import paused_sources
from cdp_orchestration.sources import Source, declared_sources, declared_streams
from cdp_orchestration.stages.nothing_new import up_to_date_release

_LATER_STAGES = ("staging", "identity", "profiles", "journeys", "release")


def source_jobs() -> Sequence[Any]:
    """Return the jobs, one a source."""
    return [_job(source) for source in declared_sources()]


def source_schedules() -> Sequence[dg.ScheduleDefinition]:
    """Return the schedules of the sources that declare one; all start stopped."""
    return [_schedule(source) for source in declared_sources() if source.schedule]


def _job(source: Source) -> Any:
    landed = dg.AssetSelection.assets(*(dg.AssetKey(["landing", stream.table]) for stream in source.streams))
    # A release needs the result of every gate of landing; one whose stream is as it was costs no evaluation
    gates = dg.AssetSelection.checks(
        *(dg.AssetCheckKey(dg.AssetKey(["landing", stream.table]), GATE) for stream in declared_streams())
    )
    return dg.define_asset_job(
        job_name(source.name),
        selection=landed | gates | dg.AssetSelection.groups(*_LATER_STAGES),
        description=f"Land what {source.label} has delivered, then build and publish as `{SYNC_JOB}` does. The files "
        "of the other sources are not read. Runs wait in one queue.",
        config={"resources": {"home": {"config": {"full_refresh": False}}}},
        tags={"dagster/retry_strategy": "ALL_STEPS", SOURCE_TAG: source.name},
    )


def _schedule(source: Source) -> dg.ScheduleDefinition:
    assert source.schedule is not None  # noqa: S101 - the caller chooses the sources that have one
    zone = source.schedule.time_zone or company_time_zone(Settings.from_environment())
    return dg.ScheduleDefinition(
        name=schedule_name(source.name),
        job_name=job_name(source.name),
        cron_schedule=source.schedule.cron,
        execution_timezone=zone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        execution_fn=partial(_tick, source.name),
        description=f"Loads {source.label} at the times that its declaration states (time zone {zone}). It is "
        "skipped while the source is paused, and where it has delivered nothing new.",
    )


def _tick(source: str, _context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    settings = Settings.from_environment()
    since = paused_sources(settings).get(source)
    if since:
        return dg.SkipReason(f"{source} is paused since {since}; `cdp source resume {source}` lets it go on")
    live = up_to_date_release(settings, fetches=False, sources=[source])
    if live:
        return dg.SkipReason(f"{source} has nothing new: release {live.release_id} holds all that it has delivered")
    return dg.RunRequest(tags={TRIGGER_TAG: "schedule", SOURCE_TAG: source})
