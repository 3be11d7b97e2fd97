"""Staging, profiles and journeys: the dbt models of a stage, built in one dbt run, tests included."""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtProject, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from cdp_orchestration.customer_report.writing import write_report_of_old_data
from cdp_orchestration.dagster.column_schemas import COLUMN_LINEAGE, COLUMN_SCHEMA, built_lineage, built_schema
from cdp_orchestration.dagster.dbt_descriptions import PlainDescriptions, tests_by_check, with_readable_check_names
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.dagster.sync_state import nothing_new, report_found, started_by
from cdp_orchestration.dbt.column_lineage import LineageCache
from cdp_orchestration.dbt.composition import project_dir
from cdp_orchestration.dbt.failure_report import describe_failures
from cdp_orchestration.dbt.missing_inputs import require_inputs
from cdp_orchestration.dbt.profile_builds import needs_full_refresh
from cdp_orchestration.dbt.project import DBT_STAGES, lineage_file, models_by_profile, node_by_table
from cdp_orchestration.dbt.published_tables import growing_tables
from cdp_orchestration.dbt.runs import DbtRun, build_arguments, run_dbt, selection
from cdp_orchestration.errors import DbtFailedError
from cdp_orchestration.home.code_version import code_version
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import columns_by_table
from cdp_orchestration.release.continuation import continue_from_release
from cdp_orchestration.release.reader import live_release
from cdp_orchestration.stages.builds import note_end, read_builds
from cdp_orchestration.stages.inputs import landed_contents
from cdp_orchestration.stages.planning import begin_build
from cdp_orchestration.stages.tested_contents import note_tested, read_tested


@dataclass(frozen=True)
class _KnownContents:
    """What names the rows of each stream, and of each table as the tests of the stage last passed."""

    landed: Mapping[str, str]
    tested: Mapping[str, str]


def dbt_stage_assets(manifest: Mapping[str, Any]) -> Sequence[dg.AssetsDefinition]:
    """Return the assets of the three dbt stages: one definition a stage, because a gate runs between two stages."""
    named = with_readable_check_names(manifest)
    return [_dbt_stage(stage, named) for stage in DBT_STAGES]


def _dbt_stage(stage: str, manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    folder = project_dir(Settings.from_environment())
    project = DbtProject(project_dir=folder, profiles_dir=folder)

    translator = PlainDescriptions()

    @dbt_assets(
        manifest=manifest,
        project=project,
        select=selection(stage),
        name=f"{stage}_models",
        dagster_dbt_translator=translator,
    )
    def models(context: dg.AssetExecutionContext, home: Home) -> Iterator[Any]:
        if stage == DBT_STAGES[0] and started_by(context.run) == "sync":
            if not home.full_refresh and nothing_new(home):
                # Yielding nothing skips every later step of the run.
                context.log.info("Nothing new: what has landed is complete, passed and live. No release is made.")
                write_report_of_old_data(home.settings)
                return
            report_found(context, home)
        started = time.monotonic()
        run = (
            _build(context, home, manifest, stage)
            if context.selected_asset_keys
            else _test(context, home, manifest, stage)
        )
        events = [
            event
            for message in run.messages
            for event in DbtCoreCliEventMessage(message, {}).to_default_asset_events(manifest, translator, context)
        ]
        yield from _with_facts(context, home, manifest, run, events, time.monotonic() - started)
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


def _build(context: dg.AssetExecutionContext, home: Home, manifest: Mapping[str, Any], stage: str) -> DbtRun:
    nodes = node_by_table(manifest)
    chosen = [nodes["/".join(key.path)] for key in sorted(context.selected_asset_keys)]
    names = {node["name"] for node in chosen}
    all_names = {node["name"] for node in nodes.values() if node["schema"] == stage}
    part = sorted(names) if names != all_names else []
    growing = [table for name, table in growing_tables(manifest).items() if name in names]
    by_profile = [f"{node['schema']}.{name}" for name, node in models_by_profile(manifest).items() if name in names]
    with home.warehouse() as connection:
        require_inputs(connection, manifest, chosen)
        plan = begin_build(
            connection, home.settings, stage, part, run_id=context.run.run_id, started_by=started_by(context.run)
        )
        live = live_release(home.settings.releases)
        continue_from_release(connection, live, growing, are_as_published=plan.begins_as_published(live))
        contents = None if part else _known_contents(connection, stage)
        full_refresh = plan.is_full_refresh or needs_full_refresh(connection, by_profile) or home.full_refresh
    whole_stage = None if part else stage
    run = _run_dbt(context, home, chosen, full_refresh=full_refresh, whole_stage=whole_stage, contents=contents)
    with home.warehouse() as connection:
        note_end(connection, plan.on_success, is_failed=bool(run.failed))
        if contents and not run.failed:
            note_tested(connection, stage, contents.landed)
    return run


def _known_contents(connection: duckdb.DuckDBPyConnection, stage: str) -> _KnownContents | None:
    landed = landed_contents(connection)
    return None if landed is None else _KnownContents(landed, read_tested(connection, stage))


def _test(context: dg.AssetExecutionContext, home: Home, manifest: Mapping[str, Any], stage: str) -> DbtRun:
    """Run the chosen tests alone; one that fails marks the stage as failed."""
    tests = tests_by_check(manifest)
    chosen = [tests[key] for key in sorted(context.selected_asset_check_keys)]
    run = _run_dbt(context, home, chosen, full_refresh=False)
    with home.warehouse() as connection:
        build = read_builds(connection).get(stage)
        if run.failed and build:
            note_end(connection, build, is_failed=True)
    return run


def _run_dbt(
    context: dg.AssetExecutionContext,
    home: Home,
    chosen: Sequence[Mapping[str, Any]],
    *,
    full_refresh: bool,
    whole_stage: str | None = None,
    contents: _KnownContents | None = None,
) -> DbtRun:
    home.leave_warehouse()
    target = home.settings.dbt_target / context.run.run_id
    arguments = build_arguments(
        chosen,
        target,
        code_version("dbt"),
        full_refresh=full_refresh,
        whole_stage=whole_stage,
        landed_contents=contents.landed if contents else None,
        tested_contents=contents.tested if contents else None,
    )
    try:
        return run_dbt(arguments, home.settings.home)
    finally:
        shutil.rmtree(target, ignore_errors=True)


def _with_facts(
    context: dg.AssetExecutionContext,
    home: Home,
    manifest: Mapping[str, Any],
    run: DbtRun,
    events: Sequence[Any],
    seconds: float,
) -> list[Any]:
    """Return the events; that of a built table with its rows, its columns and the state of its stage."""
    nodes = node_by_table(manifest)
    with home.warehouse() as connection:
        states = {stage: build.state for stage, build in read_builds(connection).items()}
        lineages = LineageCache(lineage_file()).lineages(run.queries, columns_by_table(connection))

        def with_facts(built: Any) -> dg.Output[Any]:
            stage, table = context.asset_key_for_output(built.output_name).path
            rows = connection.execute(f"select count(*) from {stage}.{table}").fetchall()[0][0]
            facts = {
                "dagster/row_count": rows,
                COLUMN_SCHEMA: built_schema(connection, nodes[f"{stage}/{table}"]),
                COLUMN_LINEAGE: built_lineage(lineages.get(table, {})),
                "stage_seconds": round(seconds, 2),
            }
            state = dg.DataVersion(states[stage])
            return dg.Output(None, built.output_name, metadata={**built.metadata, **facts}, data_version=state)

        return [with_facts(event) if isinstance(event, dg.Output) else event for event in events]
