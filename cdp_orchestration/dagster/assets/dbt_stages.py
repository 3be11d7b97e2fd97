"""Staging, profiles and journeys: the dbt models of a stage, built in one dbt run, tests included."""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DbtProject, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.dagster.jobs import FULL_TAG, SYNC_JOB
from cdp_orchestration.dagster.sync_state import nothing_new, record_staged
from cdp_orchestration.dbt.failure_report import describe_failures
from cdp_orchestration.dbt.profile_builds import needs_full_refresh
from cdp_orchestration.dbt.project import DBT_STAGES, growing_models, models_by_profile
from cdp_orchestration.dbt.runs import DbtRun, build_arguments, run_dbt, selection
from cdp_orchestration.errors import DbtFailedError
from cdp_orchestration.home.code_version import code_version
from cdp_orchestration.home.settings import DBT_PROJECT_DIR
from cdp_orchestration.release.bundle import published_table
from cdp_orchestration.release.continuation import continue_from_release
from cdp_orchestration.release.reader import live_release


def dbt_stage_assets(manifest: Mapping[str, Any]) -> Sequence[dg.AssetsDefinition]:
    """Return the assets of the three dbt stages: one definition a stage, because a gate runs between two stages."""
    return [_dbt_stage(stage, manifest) for stage in DBT_STAGES]


def _dbt_stage(stage: str, manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    project = DbtProject(project_dir=DBT_PROJECT_DIR, profiles_dir=DBT_PROJECT_DIR)

    @dbt_assets(manifest=manifest, project=project, select=selection(stage), name=f"{stage}_models")
    def models(context: dg.AssetExecutionContext, home: Home) -> Iterator[Any]:
        if stage == DBT_STAGES[0]:
            if _is_idle(context, home):
                # Yielding nothing skips every later step of the run.
                context.log.info("Nothing new since the last complete sync: no table changes, no release is made.")
                return
            record_staged(home)
        started = time.monotonic()
        run = _run_dbt(context, home, manifest)
        events = [
            event
            for message in run.messages
            for event in DbtCoreCliEventMessage(message, {}).to_default_asset_events(manifest, context=context)
        ]
        _add_row_counts(context, home, events, time.monotonic() - started)
        yield from events
        if run.failed:
            raise DbtFailedError(_failure(home, manifest, stage, run))

    return models


def _failure(home: Home, manifest: Mapping[str, Any], stage: str, run: DbtRun) -> str:
    with home.warehouse() as connection:
        failures = describe_failures(connection, manifest, run.failed)
    lines = "".join(f"\n- {failure}" for failure in failures)
    return (
        f"{len(failures)} of the models and tests of stage {stage} failed:{lines}\n"
        "To do: correct these rows at their source and deliver them again, or change the model to accept them; then "
        "run `cdp sync`"
    )


def _is_idle(context: dg.AssetExecutionContext, home: Home) -> bool:
    # A person who materializes assets by hand wants them built; a sync builds them when there is a reason.
    if context.run.job_name != SYNC_JOB or _is_full(context):
        return False
    return nothing_new(home)


def _is_full(context: dg.AssetExecutionContext) -> bool:
    return context.run.tags.get(FULL_TAG) == "true"


def _run_dbt(context: dg.AssetExecutionContext, home: Home, manifest: Mapping[str, Any]) -> DbtRun:
    target = home.settings.dbt_target / context.run_id
    names = sorted(key.path[-1] for key in context.selected_asset_keys)
    growing = [published_table(*each) for each in growing_models(manifest).items() if each[0] in names]
    by_profile = [f"{node['schema']}.{name}" for name, node in models_by_profile(manifest).items() if name in names]
    with home.warehouse() as connection:
        continue_from_release(connection, live_release(home.settings.releases), growing)
        full_refresh = needs_full_refresh(connection, by_profile) or _is_full(context)
    arguments = build_arguments(names, target, code_version("dbt"), full_refresh=full_refresh)
    try:
        return run_dbt(arguments, home.settings.home)
    finally:
        shutil.rmtree(target, ignore_errors=True)


def _add_row_counts(context: dg.AssetExecutionContext, home: Home, events: Sequence[Any], seconds: float) -> None:
    outputs = [event.output_name for event in events if isinstance(event, dg.Output)]
    with home.warehouse() as connection:
        for output in outputs:
            schema, table = context.asset_key_for_output(output).path
            rows = connection.execute(f"select count(*) from {schema}.{table}").fetchall()[0][0]
            context.add_output_metadata({"dagster/row_count": rows, "stage_seconds": round(seconds, 2)}, output)
