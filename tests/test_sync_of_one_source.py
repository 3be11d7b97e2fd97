"""A sync of one source reads its files alone, publishes, and leaves those of the others to whoever syncs them."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import dagster as dg
import pytest
from live_homes import copy_home, deliver_later
from release_comparison import release_of

from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.dagster.source_jobs import source_schedules
from cdp_orchestration.dagster.sync_tries import INPUTS_TAG, inputs_of_a_sync, past_tries
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse

pytestmark = pytest.mark.slow

Cdp = Callable[..., "CompletedProcess[str]"]


def _sync(cdp: Cdp, home: Path, *options: str) -> str:
    ended = cdp(home, "sync", *options)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def _landed(home: Path) -> dict[str, int]:
    with read_warehouse(Settings(home).warehouse) as connection:
        query = "select source, count(*) from operations.landing_batches where status = 'landed' group by 1"
        return dict(connection.execute(query).fetchall())


@pytest.fixture
def home(live_home: Path, tmp_path: Path) -> Path:
    """A home with one delivery that is live."""
    return copy_home(live_home, tmp_path / "home")


def test_a_sync_of_one_source_lands_it_alone_and_the_schedules_know_what_waits(
    home: Path, cdp: Cdp, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, first = _landed(home), release_of(home).release_id
    deliver_later(home, 1)
    said = _sync(cdp, home, "--source", "crm")
    assert "Not read: the files of ecommerce, in_store, support" in said
    after = _landed(home)
    assert after["crm"] > before["crm"]
    assert {**after, "crm": 0} == {**before, "crm": 0}
    assert release_of(home).release_id != first

    again = _sync(cdp, home, "--source", "crm")
    assert "Nothing new" in again
    assert "Not read: the files of ecommerce, in_store, support" in again
    assert _landed(home) == after

    monkeypatch.setenv("CDP_HOME", str(home))
    monkeypatch.setenv("DAGSTER_HOME", "")
    settings = Settings.from_environment()
    with open_instance(settings) as instance:
        (run,) = [run for run in instance.get_runs() if run.run_id == release_of(home).manifest["run_id"]]
        assert INPUTS_TAG not in run.tags
        assert past_tries(instance, inputs_of_a_sync(settings)) == []
        count = len(instance.get_runs())
        context = dg.build_schedule_context(instance=instance)
        ticks = {schedule.name: schedule.evaluate_tick(context) for schedule in _schedules()}
        assert len(instance.get_runs()) == count
    skipped, asked = ticks["sync_crm_schedule"], ticks["sync_support_schedule"]
    live = release_of(home).release_id
    assert skipped.skip_message == f"crm has nothing new: release {live} holds all that it has delivered"
    assert (len(skipped.run_requests or []), len(asked.run_requests or [])) == (0, 1)


def _schedules() -> list[dg.ScheduleDefinition]:
    return [schedule for schedule in source_schedules() if schedule.name.startswith(("sync_crm", "sync_support"))]
