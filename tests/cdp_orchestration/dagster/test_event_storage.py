"""A run writes Dagster's own files through connections that it keeps, and closes them at its end."""

from pathlib import Path

import dagster as dg
import pytest

from cdp_orchestration.dagster.event_log import quick_event_log
from cdp_orchestration.dagster.event_storage import kept_event_log
from cdp_orchestration.home.settings import Settings

RUN_ID = "5f0e5a0e-5a1c-4f31-8f0e-7d7f9b6a2c11"


@dg.asset
def orders() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"dagster/row_count": 3})


@dg.asset_check(asset=orders)
def gate() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


def _run(instance: dg.DagsterInstance) -> None:
    job = dg.Definitions(assets=[orders], asset_checks=[gate]).resolve_implicit_global_asset_job_def()
    with quick_event_log(), kept_event_log(instance) as running:
        assert job.execute_in_process(instance=running, run_id=RUN_ID).success


def _open_files() -> list[str]:
    links = Path("/proc/self/fd")
    return [str((links / each.name).readlink()) for each in links.iterdir() if each.is_symlink() and each.exists()]


def test_what_a_run_has_written_is_read_by_the_instance_of_the_home(instance: dg.DagsterInstance) -> None:
    before = instance.all_logs(RUN_ID)

    _run(instance)

    assert not before
    kinds = [entry.dagster_event.event_type for entry in instance.all_logs(RUN_ID) if entry.dagster_event]
    assert kinds[-1] == dg.DagsterEventType.RUN_SUCCESS
    made = instance.get_latest_materialization_event(dg.AssetKey("orders"))
    assert made is not None
    assert made.asset_materialization is not None
    assert made.asset_materialization.metadata["dagster/row_count"].value == 3
    check = dg.AssetCheckKey(dg.AssetKey("orders"), "gate")
    found = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])[check]
    assert found.run_id == RUN_ID


def test_no_file_of_the_log_is_open_after_a_run(instance: dg.DagsterInstance) -> None:
    _run(instance)

    assert not [file for file in _open_files() if file.startswith(instance.root_directory) and "history/runs" in file]


def test_a_storage_that_someone_has_configured_is_used_as_it_is(instance: dg.DagsterInstance) -> None:
    with kept_event_log(instance) as running, kept_event_log(running) as again:
        assert again is running

    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DAGSTER_HOME", raising=False)
        with dg.DagsterInstance.ephemeral() as other, kept_event_log(other) as running:
            assert running is other
