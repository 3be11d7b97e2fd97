"""Run the main job in this process, report its progress, and read its outcome from Dagster's event log."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

import dagster as dg

from cdp_orchestration.dagster.event_log import quick_event_log
from cdp_orchestration.dagster.event_storage import kept_event_log
from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.dagster.jobs import SYNC_JOB
from cdp_orchestration.dagster.killed_runs import close_killed_runs
from cdp_orchestration.dagster.notifying import notify_after_run
from cdp_orchestration.dagster.progress import OnProgress, ProgressReporter
from cdp_orchestration.dagster.sync_failures import failure_message, was_interrupted
from cdp_orchestration.dagster.sync_state import FOUND_TAG
from cdp_orchestration.dagster.sync_tries import INPUTS_TAG, inputs_of_a_sync
from cdp_orchestration.dagster.triggers import FETCHED_TAG, TRIGGER_TAG
from cdp_orchestration.errors import SyncFailedError, WriterBusyError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.home.writer_lock import OnWait, writer_lock
from cdp_orchestration.stages.publications import objections_to_live


@dataclass(frozen=True)
class SyncOutcome:
    """The outcome of a run, read from its event log.

    ``found`` is what earlier runs had left to build again, ``notified`` what is to be read about notifications.
    """

    run_id: str
    is_idle: bool
    checks_passed: int
    checks_warned: int
    checks_failed: int
    materializations: dict[str, dict[str, dg.MetadataValue]]
    found: str | None = None
    notified: tuple[str, ...] = ()

    def metadata(self, *key: str) -> dict[str, object]:
        """Return the metadata values of one asset's materialization, empty if the run did not make it."""
        return {name: value.value for name, value in self.materializations.get("/".join(key), {}).items()}


def step_seconds(settings: Settings, run_id: str) -> dict[str, float]:
    """Return the seconds that each step of a run took, by the key of the step."""
    steps = open_instance(settings).get_run_step_stats(run_id)
    return {step.step_key: (step.end_time or 0.0) - (step.start_time or 0.0) for step in steps}


def run_sync(
    settings: Settings,
    *,
    full: bool = False,
    sources: Sequence[str] = (),
    on_progress: OnProgress,
    on_wait: OnWait | None = None,
    fetched_at: datetime | None = None,
) -> SyncOutcome:
    """Run the job that the schedule runs; WriterBusyError if another process writes this home for too long.

    Args:
        settings: the home.
        full: build everything again, even if nothing is new.
        sources: the sources that land, as with the job of one; without one, all.
        on_progress: called in this thread as steps start and stages end; an exception of it never reaches the run.
        on_wait: called with a sentence that names the process that is waited for.
        fetched_at: what was fetched from then on is not fetched again.

    Returns:
        The outcome of the run.

    Raises:
        SyncFailedError: a step or a blocking gate failed; the message names them, the live release is untouched.
    """
    with writer_lock(settings.writer_lock, "starting a sync", settings.writer_wait_seconds, on_wait):
        instance = open_instance(settings)
        close_killed_runs(instance, settings, time.time())
    # A sync with nothing new skips its gates with their assets; Dagster warns of each, on standard error.
    logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)
    from cdp_orchestration.dagster.code_location import build_definitions

    job = build_definitions().resolve_job_def(SYNC_JOB)
    run_id = str(uuid4())
    with quick_event_log(), kept_event_log(instance) as running:
        # Called by the run's own thread for each event: a second thread that reads the log races with the writer.
        running.add_event_listener(run_id, ProgressReporter(job.graph.node_dict, on_progress).handle)
        result = job.execute_in_process(
            instance=running,
            run_id=run_id,
            raise_on_error=False,
            tags=_tags(settings, sources, fetched_at),
            run_config={
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                "resources": {"home": {"config": {"full_refresh": full, "sources": list(sources)}}},
            },
        )
    # A thread of dbt may go on with its query, and this process would wait for the database until that ends
    is_readable = result.success or not was_interrupted(instance, run_id)
    notified = notify_after_run(instance, settings, with_warehouse=is_readable).sentences
    if not result.success:
        objections = _objections(settings) if is_readable else []
        raise SyncFailedError("\n".join([failure_message(instance, run_id, objections), *notified]))
    return replace(_outcome(instance, run_id), notified=tuple(notified))


def _tags(settings: Settings, sources: Sequence[str], fetched_at: datetime | None) -> dict[str, str]:
    # One of some sources has not taken all inputs, so that the sensor still has the others to sync
    inputs = {} if sources else {INPUTS_TAG: inputs_of_a_sync(settings)}
    fetched = {FETCHED_TAG: fetched_at.isoformat()} if fetched_at else {}
    return {TRIGGER_TAG: "command", **inputs, **fetched}


def _objections(settings: Settings) -> list[str]:
    if not settings.warehouse.exists():
        return []
    try:
        with read_warehouse(settings.warehouse) as connection:
            return objections_to_live(connection, settings)
    except WriterBusyError:  # the failure of the sync itself names the other process
        return []


def _outcome(instance: dg.DagsterInstance, run_id: str) -> SyncOutcome:
    materializations: dict[str, dict[str, dg.MetadataValue]] = {}
    passed = warned = failed = 0
    for entry in instance.all_logs(run_id):
        event = entry.dagster_event
        if event is None:
            continue
        if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            made = event.step_materialization_data.materialization
            materializations["/".join(made.asset_key.path)] = dict(made.metadata)
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            passed += check.passed
            warned += not check.passed and check.severity == dg.AssetCheckSeverity.WARN
            failed += not check.passed and check.severity == dg.AssetCheckSeverity.ERROR
    run = instance.get_run_by_id(run_id)
    found = run.tags.get(FOUND_TAG) if run else None
    return SyncOutcome(run_id, "release/live" not in materializations, passed, warned, failed, materializations, found)
