"""Everything that Dagster shows: assets, checks, job, schedule and sensor."""

from typing import Any

import dagster as dg

from cdp_orchestration.dagster.assets.dbt_stages import dbt_stage_assets
from cdp_orchestration.dagster.assets.destinations import GROUP, destination_assets
from cdp_orchestration.dagster.assets.identity import identity_assets
from cdp_orchestration.dagster.assets.landing import landing_assets
from cdp_orchestration.dagster.assets.open_tier import open_tier_asset
from cdp_orchestration.dagster.assets.release import release_assets
from cdp_orchestration.dagster.delivery_checks import delivery_checks, freshness_sensor
from cdp_orchestration.dagster.destinations import destination_sensor, publish_job
from cdp_orchestration.dagster.erasures import erase_job, erasure_sensor, inactive_job
from cdp_orchestration.dagster.gates import gate_checks
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.dagster.identity_checks import (
    incremental_matches_full_check,
    reviewed_links_check,
    waiting_candidate_check,
)
from cdp_orchestration.dagster.jobs import SYNC_JOB, hourly_schedule, inbox_sensor
from cdp_orchestration.dagster.notifying import notification_sensor
from cdp_orchestration.dagster.pruning import nightly_prune, prune_job
from cdp_orchestration.dagster.source_jobs import source_jobs, source_schedules
from cdp_orchestration.dbt.project import manifest
from cdp_orchestration.dbt.published_tables import published_tables
from cdp_orchestration.home.settings import Settings


def build_definitions() -> dg.Definitions:
    """Return the whole code location; a run reads its home from the environment when it starts."""
    project = manifest()
    tables = published_tables(project)
    destinations = destination_assets(Settings.from_environment())
    return dg.Definitions(
        assets=[
            *landing_assets(project),
            *dbt_stage_assets(project),
            identity_assets(project),
            *release_assets(tables),
            open_tier_asset(),
            *destinations,
        ],
        asset_checks=[
            *gate_checks(tables),
            delivery_checks(),
            reviewed_links_check(),
            waiting_candidate_check(),
            incremental_matches_full_check(),
        ],
        jobs=[
            _sync_job(),
            *source_jobs(),
            prune_job(),
            erase_job(),
            inactive_job(),
            *([publish_job()] if destinations else []),
        ],
        schedules=[hourly_schedule(), *source_schedules(), nightly_prune()],
        sensors=[
            inbox_sensor(),
            freshness_sensor(),
            notification_sensor(),
            erasure_sensor(),
            *([destination_sensor()] if destinations else []),
        ],
        resources={"home": Home()},
        # One process: DuckDB has one writer, and every further process would import dbt and Splink again.
        executor=dg.in_process_executor,
    )


def _sync_job() -> Any:
    return dg.define_asset_job(
        SYNC_JOB,
        # What happens at a destination is no part of what makes a release
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups(GROUP),
        description="Land the delivered files, resolve identities, build profiles and journeys, publish a release. "
        "A full refresh builds everything again: set `full_refresh` to `true` in the launchpad, or run "
        "`cdp sync --full`. To land some sources alone, name them in `sources`.",
        config={"resources": {"home": {"config": {"full_refresh": False, "sources": []}}}},
        # A sync that is started again finds out itself what is left to do
        tags={"dagster/retry_strategy": "ALL_STEPS"},
    )
