"""The job that publishes the live release to destinations, the sensor that starts it, and the same from the command.

A job of its own, and no part of the sync: what fails or takes long at a destination neither fails nor holds up what
makes a release.
"""

import time
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import dagster as dg

from cdp_orchestration.dagster.assets.destinations import GROUP, destination_assets, destination_key
from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.dagster.triggers import TRIGGER_TAG
from cdp_orchestration.destinations import Standing, destinations_file, standings
from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import require_live_release

PUBLISH_JOB, DESTINATION_SENSOR = "publish", "destination_sensor"
SECONDS_AFTER_FAILURE = 300.0
"""How long a destination that has failed is left alone by the sensor; a sync tries at once."""
_SECONDS_OF_A_REQUEST = 900


def publish_job() -> Any:
    """Return the job; the home declares at least one destination."""
    return dg.define_asset_job(
        PUBLISH_JOB,
        selection=dg.AssetSelection.groups(GROUP),
        description="Publishes the live release to the destinations of `destinations.yml`. What they show already is "
        "not sent again. It makes no release and changes none.",
    )


def destination_sensor() -> dg.SensorDefinition:
    """Return the sensor that lets destinations follow the live release, also after a rollback or a failure."""

    @dg.sensor(
        name=DESTINATION_SENSOR,
        job_name=PUBLISH_JOB,
        minimum_interval_seconds=60,
        # The file of a home is the switch: without destinations there is no sensor
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Publishes the live release to the destinations that do not show it; one that could not be reached "
        "is tried again after five minutes.",
    )
    def follow(_context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        try:
            found = standings(Settings.from_environment())
        except CdpError as error:  # of the file or of the live release, which is a finding
            return dg.SkipReason(str(error))
        return _request(found, time.time())

    return follow


def run_publish(settings: Settings, names: Collection[str] = ()) -> list[Standing]:
    """Run the job in this process.

    Args:
        settings: the home.
        names: the destinations; without any, all.

    Returns:
        The chosen destinations as the run has left them: one that could not be published to is behind, and says why.
        A name that is not declared raises CdpError, and a home without a release NoReleaseError.
    """
    chosen = _chosen(settings, names)
    require_live_release(settings.releases)
    with open_instance(settings) as instance:
        definitions = dg.Definitions(
            assets=destination_assets(settings), jobs=[publish_job()], executor=dg.in_process_executor
        )
        definitions.resolve_job_def(PUBLISH_JOB).execute_in_process(
            instance=instance,
            asset_selection=[destination_key(each) for each in chosen],
            raise_on_error=False,  # a destination says itself what is wrong with it
            tags={TRIGGER_TAG: "command"},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    return [each for each in standings(settings) if each.name in chosen]


def follow_live_release(settings: Settings) -> list[Standing]:
    """Publish to the destinations that do not show the live release.

    Args:
        settings: the home.

    Returns:
        These destinations as they are now, none where all show it. A file that cannot be read raises DeclarationError.
    """
    behind = [each.name for each in standings(settings) if each.is_behind]
    return run_publish(settings, behind) if behind else []


def _chosen(settings: Settings, names: Collection[str]) -> list[str]:
    declared = [each.name for each in standings(settings)]
    unknown = sorted(set(names) - set(declared))
    if unknown or not declared:
        found = f"{', '.join(unknown)} is no destination of this home" if unknown else "This home has no destination"
        expected = f"expected {', '.join(declared)}" if declared else "a README of the package says how one is declared"
        raise CdpError(f"{found}; {expected}. They are declared in {destinations_file(settings)}.")
    return [each for each in declared if not names or each in names]


def _request(found: Sequence[Standing], now: float) -> dg.RunRequest | dg.SkipReason:
    """Return the request of a run for what is behind, once for what it is now and for a quarter of an hour."""
    behind = [each for each in found if each.is_behind]
    due = [each for each in behind if not _has_just_failed(each, now)]
    if not due:
        waiting = f"{', '.join(each.name for each in behind)} failed a short while ago and will be tried again"
        return dg.SkipReason(waiting if behind else "every destination shows the live release")
    known = ":".join(f"{each.name}={each.state.contents}={each.state.failed_at}" for each in due)
    return dg.RunRequest(
        run_key=f"{known}:{int(now // _SECONDS_OF_A_REQUEST)}",
        asset_selection=[destination_key(each.name) for each in due],
        tags={TRIGGER_TAG: "sensor"},
    )


def _has_just_failed(each: Standing, now: float) -> bool:
    if each.state.problem is None or each.state.failed_at is None:
        return False
    return now - datetime.fromisoformat(each.state.failed_at).timestamp() < SECONDS_AFTER_FAILURE
