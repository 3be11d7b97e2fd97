"""The newest runs are read from Dagster's file, and are those that Dagster's own API returns."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, ScheduleInstigatorData
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from cdp_orchestration.dagster.automation import automation_states
from cdp_orchestration.dagster.instance import newest_runs, open_instance, prepare_instance
from cdp_orchestration.dagster.run_history import SYNC_JOB, PastRun, is_sync, last_runs
from cdp_orchestration.home.settings import Settings


@dg.op
def succeed() -> None:
    """Do nothing."""


@dg.op
def fail() -> None:
    """Fail."""
    raise ValueError("a failure for the test")


@dg.job(name=SYNC_JOB)
def succeeding() -> None:
    succeed()


@dg.job(name=SYNC_JOB)
def failing() -> None:
    fail()


@dg.job(name=f"{SYNC_JOB}_crm")
def of_one_source() -> None:
    succeed()


@dg.job(name="synchronize")
def another_job() -> None:
    succeed()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with five runs: one of another job, and one that has not started."""
    for variable in ("CDP_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(variable, "")
    settings = Settings(tmp_path)
    with open_instance(settings) as instance:
        for job in (succeeding, another_job, of_one_source, failing):
            job.execute_in_process(instance=instance, raise_on_error=False)
        instance.create_run_for_job(succeeding)
    return settings


def _by_the_api(settings: Settings, limit: int) -> list[PastRun]:
    return [PastRun(*row) for row in newest_runs(settings) if is_sync(row[1])][:limit]


def test_the_runs_are_those_of_the_api_the_newest_first(home: Settings) -> None:
    runs = last_runs(home, 5)
    assert [run.status for run in runs] == ["not_started", "failure", "success", "success"]
    assert [run.job_name for run in runs] == ["sync", "sync", "sync_crm", "sync"]
    assert (runs[0].started_at, runs[0].ended_at) == (None, None)
    assert runs == _by_the_api(home, 5)


def test_as_many_runs_are_returned_as_were_asked_for(home: Settings) -> None:
    assert last_runs(home, 2) == _by_the_api(home, 2)
    assert len(last_runs(home, 2)) == 2


def test_a_home_without_runs_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv("CDP_HOME", "")
    assert last_runs(Settings(tmp_path), 5) == []
    prepare_instance(Settings(tmp_path))
    assert last_runs(Settings(tmp_path), 5) == []


def test_runs_that_dagster_stores_elsewhere_are_asked_from_dagster(home: Settings, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    configuration = home.dagster_home / "dagster.yaml"
    with configuration.open("a", encoding="utf-8") as file:
        file.write(f"storage:\n  sqlite:\n    base_dir: {elsewhere}\n")
    with open_instance(home) as instance:
        run = succeeding.execute_in_process(instance=instance)
    assert [found.run_id for found in last_runs(home, 5)] == [run.run_id]


def test_reading_the_runs_imports_no_dagster(home: Settings) -> None:
    code = (
        "import sys; from pathlib import Path; from cdp_orchestration.home.settings import Settings; "
        "from cdp_orchestration.dagster.run_history import last_runs; "
        "print(len(last_runs(Settings(Path(sys.argv[1])), 5)), 'dagster' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(home.home)], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["4", "False"]


def test_the_schedules_and_sensors_of_a_new_home_are_stopped(home: Settings) -> None:
    of_sources = [f"sync_{source}_schedule" for source in ("crm", "ecommerce", "in_store", "support")]
    names = ["hourly_sync", "inbox_sensor", "nightly_prune", *of_sources]
    assert automation_states(home) == dict.fromkeys(names, False)
    assert automation_states(Settings(home.home / "new")) == dict.fromkeys(names, False)


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_what_was_started_is_running_wherever_dagster_stores_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_elsewhere: bool
) -> None:
    for variable in ("CDP_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(variable, "")
    home = Settings(tmp_path / "home")
    prepare_instance(home)
    if is_elsewhere:
        (tmp_path / "elsewhere").mkdir()
        with (home.dagster_home / "dagster.yaml").open("a", encoding="utf-8") as file:
            file.write(f"storage:\n  sqlite:\n    base_dir: {tmp_path / 'elsewhere'}\n")
    with open_instance(home) as instance:
        _store(instance, "sync_crm_schedule", InstigatorStatus.RUNNING)
        _store(instance, "sync_support_schedule", InstigatorStatus.STOPPED)
    assert [name for name, is_running in automation_states(home).items() if is_running] == ["sync_crm_schedule"]


def _store(instance: dg.DagsterInstance, name: str, status: InstigatorStatus) -> None:
    location = ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(module_name="cdp"), "cdp")
    origin = RemoteInstigatorOrigin(RemoteRepositoryOrigin(location, "__repository__"), name)
    data = ScheduleInstigatorData("0 * * * *")
    instance.add_instigator_state(InstigatorState(origin, InstigatorType.SCHEDULE, status, data))
