"""A stage that a person materializes alone: what the UI does for the assets of one group."""

from uuid import uuid4

from cdp_orchestration.dagster.event_log import quick_event_log
from cdp_orchestration.dagster.event_storage import kept_event_log
from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.dagster.progress import OnProgress, ProgressReporter
from cdp_orchestration.dagster.sync_failures import failure_message
from cdp_orchestration.errors import SyncFailedError
from cdp_orchestration.home.settings import Settings


def run_stage(settings: Settings, stage: str, on_progress: OnProgress) -> None:
    """Materialize the assets of a stage in this process.

    Args:
        settings: the home.
        stage: the stage.
        on_progress: called as steps start.

    Raises:
        SyncFailedError: a step or a blocking gate failed; the message names them.
    """
    from cdp_orchestration.dagster.code_location import build_definitions

    definitions = build_definitions()
    keys = [spec.key for spec in definitions.resolve_all_asset_specs() if spec.group_name == stage]
    job = definitions.resolve_implicit_global_asset_job_def()
    run_id = str(uuid4())
    instance = open_instance(settings)
    with quick_event_log(), kept_event_log(instance) as running:
        running.add_event_listener(run_id, ProgressReporter((), on_progress).handle)
        result = job.execute_in_process(
            instance=running,
            run_id=run_id,
            asset_selection=keys,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    if not result.success:
        raise SyncFailedError(failure_message(instance, run_id, []))
