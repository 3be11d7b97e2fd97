"""The progress of a run comes from its own thread, stage by stage, and never fails the run."""

import logging
import threading

import dagster as dg
import pytest

from cdp_orchestration.dagster.jobs import SYNC_JOB
from cdp_orchestration.dagster.progress import OnProgress, ProgressReporter, StageEnded, StepStarted

RUN_ID = "0b5fb0c5-3a4b-4c27-9a3e-6a1f0d1c7e11"


@dg.asset(key=["staging", "orders"])
def orders() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"dagster/row_count": 1200})


@dg.asset(key=["staging", "tickets"])
def tickets() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"dagster/row_count": 34})


@dg.asset(key=["journeys", "touchpoints"], deps=[orders, tickets])
def touchpoints() -> None:
    raise OSError("no space left")


@dg.asset(key=["release", "candidate"], deps=[orders])
def candidate() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"dagster/row_count": 2, "published_rows": 1234})


def test_a_stage_ends_with_its_last_step_and_counts_the_rows_of_its_tables() -> None:
    seen: list[StepStarted | StageEnded] = []
    assert _run([orders, tickets], seen.append)
    assert [(each.step, each.ended, each.total) for each in seen if isinstance(each, StepStarted)] == [
        ("staging__orders", 0, 2),
        ("staging__tickets", 1, 2),
    ]
    (ended,) = (each for each in seen if isinstance(each, StageEnded))
    assert (ended.stage, ended.row_count, ended.is_failed) == ("staging", 1234, False)
    assert 0 < ended.seconds < 60


def test_a_stage_with_a_failed_step_ends_as_failed() -> None:
    seen: list[StepStarted | StageEnded] = []
    assert not _run([orders, tickets, touchpoints], seen.append)
    ended = [each for each in seen if isinstance(each, StageEnded)]
    assert [(each.stage, each.row_count, each.is_failed) for each in ended] == [
        ("staging", 1234, False),
        ("journeys", None, True),
    ]


def test_a_release_counts_the_rows_that_it_publishes_and_not_its_tables() -> None:
    seen: list[StepStarted | StageEnded] = []
    assert _run([orders, candidate], seen.append)
    assert seen[-1] == StageEnded("release", 1234, getattr(seen[-1], "seconds", 0))


def test_progress_is_reported_by_the_thread_of_the_run() -> None:
    threads: set[threading.Thread] = set()
    assert _run([orders], lambda _: threads.add(threading.current_thread()))
    assert threads == {threading.current_thread()}


def test_a_display_that_fails_is_logged_once_and_the_run_succeeds(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[object] = []

    def fail(progress: object) -> None:
        calls.append(progress)
        raise RuntimeError("deque mutated during iteration")

    with caplog.at_level(logging.ERROR, logger="cdp_orchestration"):
        assert _run([orders, tickets], fail)
    assert len(calls) == 1
    assert [record.message for record in caplog.records if record.name.startswith("cdp_orchestration")] == [
        "The progress of the sync is no longer shown; the sync itself continues."
    ]


def _run(assets: list[dg.AssetsDefinition], on_progress: OnProgress) -> bool:
    job = dg.Definitions(
        assets=assets, jobs=[dg.define_asset_job(SYNC_JOB)], executor=dg.in_process_executor
    ).resolve_job_def(SYNC_JOB)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_event_listener(RUN_ID, ProgressReporter(job.graph.node_dict, on_progress).handle)
        return job.execute_in_process(instance=instance, run_id=RUN_ID, raise_on_error=False).success
