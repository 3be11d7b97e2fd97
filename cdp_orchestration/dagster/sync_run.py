"""Run the main job in this process, and tell how it goes from Dagster's own event log."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import dagster as dg

from cdp_orchestration.dagster.event_log import quick_event_log
from cdp_orchestration.dagster.instance import close_killed_runs, open_instance
from cdp_orchestration.dagster.jobs import FULL_TAG, SYNC_JOB
from cdp_orchestration.errors import SyncFailedError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.writer_lock import writer_lock

RELEASE_STEP = "release__live"  # what comes after it can fail without touching what readers see
_POLL_SECONDS = 1.0


@dataclass(frozen=True)
class StepProgress:
    """How far a run is: steps that have ended, of how many, and the step that began last."""

    ended: int
    total: int
    current: str


@dataclass(frozen=True)
class SyncOutcome:
    """What a run did, read from its event log."""

    run_id: str
    is_idle: bool
    checks_passed: int
    checks_warned: int
    checks_failed: int
    materializations: dict[str, dict[str, dg.MetadataValue]]

    def metadata(self, *key: str) -> dict[str, object]:
        """Return the metadata values of one asset's materialization, empty if the run did not make it."""
        return {name: value.value for name, value in self.materializations.get("/".join(key), {}).items()}


def step_seconds(settings: Settings, run_id: str) -> dict[str, float]:
    """Return the seconds that each step of a run took, by the key of the step."""
    steps = open_instance(settings).get_run_step_stats(run_id)
    return {step.step_key: (step.end_time or 0.0) - (step.start_time or 0.0) for step in steps}


def run_sync(settings: Settings, *, full: bool = False, on_progress: Callable[[StepProgress], None]) -> SyncOutcome:
    """Run the job that the schedule runs.

    Raises:
        SyncFailedError: a step or a blocking gate failed; the message names them, the live release is untouched.
        WriterBusyError: another process writes this home.
    """
    with writer_lock(settings.writer_lock, "starting a sync"):
        instance = open_instance(settings)
        close_killed_runs(instance)
    # A sync with nothing new skips its gates with their assets; Dagster warns of each, on standard error.
    logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)
    from cdp_orchestration.dagster.code_location import build_definitions

    job = build_definitions().resolve_job_def(SYNC_JOB)
    run_id = str(uuid4())
    finished = threading.Event()
    watcher = threading.Thread(
        target=_watch, args=(instance, run_id, len(job.graph.node_dict), finished, on_progress), daemon=True
    )
    watcher.start()
    try:
        with quick_event_log():
            result = job.execute_in_process(
                instance=instance,
                run_id=run_id,
                raise_on_error=False,
                tags={FULL_TAG: "true"} if full else None,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
    finally:
        finished.set()
        watcher.join()
    outcome = _outcome(instance, run_id)
    if not result.success:
        raise SyncFailedError(failure_message(instance, run_id))
    return outcome


def _watch(
    instance: dg.DagsterInstance,
    run_id: str,
    total: int,
    finished: threading.Event,
    on_progress: Callable[[StepProgress], None],
) -> None:
    ending = {
        dg.DagsterEventType.STEP_SUCCESS,
        dg.DagsterEventType.STEP_SKIPPED,
        dg.DagsterEventType.STEP_FAILURE,
    }
    cursor, ended, current = None, 0, ""
    while not finished.wait(_POLL_SECONDS):
        records = instance.get_records_for_run(run_id, cursor=cursor)
        cursor = records.cursor
        for record in records.records:
            event = record.event_log_entry.dagster_event
            if event is None:
                continue
            ended += event.event_type in ending
            if event.event_type == dg.DagsterEventType.STEP_START:
                current = event.step_key or current
        on_progress(StepProgress(ended, total, current))


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
    return SyncOutcome(run_id, "release/live" not in materializations, passed, warned, failed, materializations)


def failure_message(instance: dg.DagsterInstance, run_id: str) -> str:
    """Return which steps of a run failed and why, and what readers see now."""
    failures = []
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = entry.get_dagster_event()
        error = event.step_failure_data.error
        root = error
        while root is not None and root.cause is not None:
            root = root.cause
        reason = root.message.strip().splitlines()[0] if root else "no reason was recorded"
        failures.append(f"{event.step_key}: {reason}")
    told = "; ".join(failures) or "the run was stopped before any step failed"
    ended = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_SUCCESS)
    went_live = any(entry.step_key == RELEASE_STEP for entry in ended)
    state = "the new release is live" if went_live else "the live release is untouched"
    return f"sync {run_id} failed ({told}); {state}; see the run with `cdp dev`"
