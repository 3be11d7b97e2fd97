"""The sensor and the schedule ask what last completed; what failed or was killed is tried again, after pauses."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import EngineEventData

from cdp_orchestration.dagster import jobs, killed_runs
from cdp_orchestration.dagster.instance import FORMER_DAGSTER_YAML, begin_retries, open_instance, prepare_instance
from cdp_orchestration.dagster.jobs import GIVEN_UP_TAG, hourly_schedule, inbox_sensor
from cdp_orchestration.dagster.run_history import SYNC_JOB
from cdp_orchestration.dagster.sync_tries import (
    INPUTS_TAG,
    MAX_TRIES,
    PAUSES_MINUTES,
    Try,
    decide,
    inputs_of_a_sync,
    past_tries,
)
from cdp_orchestration.errors import SyncFailedError
from cdp_orchestration.home.living_runs import living_run
from cdp_orchestration.home.settings import Settings

NOW = 1_700_000_000.0
MINUTE = 60.0
Clock = Callable[[float], None]


@dg.op(config_schema={"fails": dg.Field(bool, default_value=False)})
def sync_the_files(context: dg.OpExecutionContext) -> None:
    """Fail where the test asks for it."""
    if context.op_config["fails"]:
        raise ValueError("a failure for the test")


@dg.job(name=SYNC_JOB)
def sync_job() -> None:
    sync_the_files()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with one delivered file."""
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")
    _deliver(Settings(tmp_path), "contacts.csv")
    return Settings(tmp_path)


@pytest.fixture
def minutes_later(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Move the clock of the sensor and the schedule; the runs keep the real one."""

    def move(minutes: float) -> None:
        later = time.time() + minutes * MINUTE
        monkeypatch.setattr(jobs.time, "time", lambda: later)

    return move


def _deliver(settings: Settings, name: str) -> None:
    folder = settings.home / "inbox" / "crm" / "contacts"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("Id,SystemModstamp\n1,2026-01-01T00:00:00Z\n", encoding="utf-8")


def _look(instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    found = inbox_sensor()(dg.build_sensor_context(instance=instance))
    assert isinstance(found, dg.RunRequest | dg.SkipReason)
    return found


def _hour(instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=datetime(2026, 1, 1, tzinfo=UTC))
    found = hourly_schedule()(context)
    assert isinstance(found, dg.RunRequest | dg.SkipReason)
    return found


def _run(instance: dg.DagsterInstance, request: dg.RunRequest | dg.SkipReason, *, fails: bool = False) -> str:
    assert isinstance(request, dg.RunRequest), request
    config = {"ops": {"sync_the_files": {"config": {"fails": fails}}}}
    run = sync_job.execute_in_process(
        instance=instance, tags=dict(request.tags), run_config=config, raise_on_error=False
    )
    return run.run_id


def _started(instance: dg.DagsterInstance, request: dg.RunRequest | dg.SkipReason, pid: int) -> dg.DagsterRun:
    """Store a run that a process has started and not ended."""
    assert isinstance(request, dg.RunRequest), request
    run = instance.create_run_for_job(sync_job, tags=dict(request.tags))
    started = dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, SYNC_JOB)
    instance.report_dagster_event(started, run.run_id)
    details = EngineEventData.in_process(pid)
    instance.report_engine_event("Executing steps in process", run, details)
    return run


@contextmanager
def _a_process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def _dead_pid() -> int:
    with _a_process() as process:
        return process.pid


def _failures(*minutes_ago: float) -> list[Try]:
    return [Try(f"run{number}", "failure", NOW - ago * MINUTE) for number, ago in enumerate(minutes_ago)]


def test_files_that_no_sync_has_seen_are_synced() -> None:
    assert decide([], NOW).kind == "start"


def test_the_pauses_between_tries_grow() -> None:
    assert list(PAUSES_MINUTES) == sorted(set(PAUSES_MINUTES))
    for failed, pause in enumerate(PAUSES_MINUTES, start=1):
        tries = _failures(*(pause for _ in range(failed)))
        assert decide(tries, NOW - 1).kind == "wait"
        decision = decide(tries, NOW)
        assert (decision.kind, decision.number) == ("start", failed + 1)


def test_a_wait_says_when_the_next_try_is_due() -> None:
    assert decide(_failures(0), NOW).reason == "run run0 failed; try 2 of 5 is due at 2023-11-14 22:14:20 UTC"


def test_after_five_failures_nothing_is_tried_and_the_runs_are_named() -> None:
    decision = decide(_failures(*[1000] * MAX_TRIES), NOW)
    assert decision.kind == "given up"
    assert "runs run0, run1, run2, run3, run4" in decision.reason


def test_failures_before_a_success_do_not_count() -> None:
    tries = [*_failures(10), Try("good", "success", NOW - 900), *_failures(*[1000] * MAX_TRIES)]
    assert (decide(tries, NOW).kind, decide(tries, NOW).number) == ("start", 2)


def test_a_success_ends_the_tries_of_the_sensor(settings: Settings, instance: dg.DagsterInstance) -> None:
    run_id = _run(instance, _look(instance))
    skipped = _look(instance)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == f"run {run_id} has synced these files"


def test_files_that_arrive_after_a_success_are_synced(settings: Settings, instance: dg.DagsterInstance) -> None:
    first = _look(instance)
    _run(instance, first)
    _deliver(settings, "more.csv")
    second = _look(instance)
    assert isinstance(first, dg.RunRequest)
    assert isinstance(second, dg.RunRequest)
    assert first.tags[INPUTS_TAG] != second.tags[INPUTS_TAG]


def test_a_sync_under_way_is_waited_for(instance: dg.DagsterInstance) -> None:
    run = _started(instance, _look(instance), os.getpid())
    for found in (_look(instance), _hour(instance)):
        assert isinstance(found, dg.SkipReason)
        assert found.skip_message == f"run {run.run_id} is syncing these files"


def test_a_killed_sync_is_closed_and_tried_again(instance: dg.DagsterInstance, minutes_later: Clock) -> None:
    run = _started(instance, _look(instance), _dead_pid())
    waiting = _look(instance)
    assert isinstance(waiting, dg.SkipReason)
    assert f"run {run.run_id} failed; try 2 of 5" in str(waiting.skip_message)
    closed = instance.get_run_by_id(run.run_id)
    assert closed is not None
    assert closed.status == dg.DagsterRunStatus.FAILURE
    minutes_later(1.1)
    assert isinstance(_look(instance), dg.RunRequest)


def test_a_sync_that_holds_its_lock_is_alive_however_long_it_takes(
    settings: Settings, instance: dg.DagsterInstance, minutes_later: Clock
) -> None:
    request = _look(instance)
    run = _started(instance, request, os.getpid())
    minutes_later(600)
    with living_run(settings, run.run_id):
        assert isinstance(_look(instance), dg.SkipReason)
        still = instance.get_run_by_id(run.run_id)
        assert still is not None
        assert still.status == dg.DagsterRunStatus.STARTED


def test_a_sync_without_the_lock_was_killed_even_if_another_process_has_its_number(
    instance: dg.DagsterInstance, minutes_later: Clock
) -> None:
    run = _started(instance, _look(instance), os.getpid())
    minutes_later(3)
    _look(instance)
    closed = instance.get_run_by_id(run.run_id)
    assert closed is not None
    assert closed.status == dg.DagsterRunStatus.FAILURE


def test_a_sync_that_was_made_and_never_launched_is_tried_again(
    instance: dg.DagsterInstance, minutes_later: Clock
) -> None:
    request = _look(instance)
    assert isinstance(request, dg.RunRequest)
    run = instance.create_run_for_job(sync_job, tags=dict(request.tags))
    minutes_later(9)
    waiting = _look(instance)
    assert isinstance(waiting, dg.SkipReason)
    assert waiting.skip_message == f"run {run.run_id} is syncing these files"
    minutes_later(11)
    assert "try 2 of 5" in str(getattr(_look(instance), "skip_message", None))
    minutes_later(12.1)
    assert isinstance(_look(instance), dg.RunRequest)


def test_a_sync_that_ends_while_it_is_looked_at_was_not_killed(
    instance: dg.DagsterInstance, minutes_later: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _started(instance, _look(instance), os.getpid())
    success = dg.DagsterEvent(dg.DagsterEventType.RUN_SUCCESS.value, SYNC_JOB)
    monkeypatch.setattr(killed_runs.time, "sleep", lambda _: instance.report_dagster_event(success, run.run_id))
    minutes_later(3)
    skipped = _look(instance)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == f"run {run.run_id} has synced these files"


def test_a_failed_sync_is_tried_again_after_the_pause_with_another_key(
    instance: dg.DagsterInstance, minutes_later: Clock
) -> None:
    keys = []
    elapsed = 0.0
    for pause in (*PAUSES_MINUTES, None):
        request = _look(instance)
        _run(instance, request, fails=True)
        keys.append(getattr(request, "run_key", None))
        if pause:
            minutes_later(elapsed)
            assert isinstance(_look(instance), dg.SkipReason)
            minutes_later(pause + 0.1)
    assert len(set(keys)) == MAX_TRIES
    assert [key.split(":")[1] for key in keys if key] == ["1", "2", "3", "4", "5"]


def test_what_was_given_up_fails_one_tick_and_is_skipped_afterwards(
    settings: Settings, instance: dg.DagsterInstance, minutes_later: Clock
) -> None:
    runs = []
    for pause in (*PAUSES_MINUTES, 600):
        runs.append(_run(instance, _look(instance), fails=True))
        minutes_later(pause + 0.1)
    with pytest.raises(SyncFailedError, match="5 syncs of the same files failed") as given_up:
        _look(instance)
    assert all(run_id in str(given_up.value) for run_id in runs)
    newest = instance.get_run_by_id(runs[-1])
    assert newest is not None
    assert GIVEN_UP_TAG in newest.tags
    for found in (_look(instance), _hour(instance)):
        assert isinstance(found, dg.SkipReason)
    _deliver(settings, "corrected.csv")
    assert isinstance(_look(instance), dg.RunRequest)


def test_a_canceled_sync_waits_for_other_files_or_the_next_hour(instance: dg.DagsterInstance) -> None:
    run = _started(instance, _look(instance), os.getpid())
    instance.report_run_canceled(run)
    assert isinstance(_look(instance), dg.SkipReason)
    assert isinstance(_hour(instance), dg.RunRequest)


def test_the_schedule_goes_on_after_a_success_and_waits_after_a_failure(
    instance: dg.DagsterInstance, minutes_later: Clock
) -> None:
    first = _hour(instance)
    _run(instance, first)
    second = _hour(instance)
    assert getattr(first, "run_key", None) != getattr(second, "run_key", None)
    _run(instance, second, fails=True)
    assert isinstance(_hour(instance), dg.SkipReason)
    minutes_later(1.1)
    assert isinstance(_hour(instance), dg.RunRequest)


def test_a_run_that_was_repeated_counts_once_with_its_newest_outcome(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    first = _run(instance, _look(instance), fails=True)
    inputs = inputs_of_a_sync(settings)
    again = sync_job.execute_in_process(
        instance=instance,
        tags={INPUTS_TAG: inputs, "dagster/root_run_id": first, "dagster/parent_run_id": first},
    )
    assert [(found.run_id, found.status) for found in past_tries(instance, inputs)] == [(again.run_id, "success")]


def test_a_configuration_of_dagster_that_is_as_it_was_written_is_renewed(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    file = settings.dagster_home / "dagster.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(FORMER_DAGSTER_YAML[0], encoding="utf-8")
    with open_instance(settings) as instance:
        assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (True, 2)
        assert not instance.run_retries_retry_on_asset_or_op_failure


def test_a_configuration_of_dagster_that_was_edited_stays(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    file = settings.dagster_home / "dagster.yaml"
    file.parent.mkdir(parents=True)
    edited = FORMER_DAGSTER_YAML[0] + "# mine\n"
    file.write_text(edited, encoding="utf-8")
    prepare_instance(settings)
    assert file.read_text(encoding="utf-8") == edited


def test_the_daemon_begins_to_retry_where_it_stands_and_is_not_set_back(instance: dg.DagsterInstance) -> None:
    cursor = "EVENT_LOG_CONSUMER_CURSOR-PIPELINE_FAILURE"
    begin_retries(instance)
    first = instance.daemon_cursor_storage.get_cursor_values({cursor})
    _run(instance, _look(instance), fails=True)
    begin_retries(instance)
    assert instance.daemon_cursor_storage.get_cursor_values({cursor}) == first == {cursor: "0"}
