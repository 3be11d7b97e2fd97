"""A sync of the sensor that is killed, or refused the writer's lock, is tried again until it has completed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from release_comparison import release_of
from running_ui import RunningUi, running_ui, wait_until

from cdp_orchestration.dagster.sync_tries import INPUTS_TAG
from cdp_orchestration.demo import write_demo
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.writer_lock import current_holder, writer_lock

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the files of forty customers."""
    write_demo(tmp_path / "home" / "inbox", tmp_path / "home" / "demo_truth.csv", customers=40, seed=3)
    return tmp_path / "home"


@pytest.fixture
def ui(home: Path) -> Iterator[RunningUi]:
    """A running UI with its daemon."""
    with running_ui(home) as running:
        yield running


def _succeeded(ui: RunningUi) -> list[dict[str, Any]]:
    return [run for run in ui.runs() if run["status"] == "SUCCESS"]


def test_a_sync_of_the_sensor_that_was_killed_is_started_again(ui: RunningUi, home: Path) -> None:
    ui.start_sensor()
    lock = Settings(home).writer_lock
    wait_until(lambda: "Dagster run" in str(current_holder(lock)), "a run writes the home", seconds=120)
    holder = current_holder(lock)
    assert holder is not None
    os.kill(int(holder.pid), signal.SIGKILL)
    wait_until(lambda: bool(_succeeded(ui)), "another run has succeeded", seconds=240)
    killed, again = ui.runs()[-1], _succeeded(ui)[0]
    assert killed["runId"] in holder.purpose
    assert (killed["status"], again["tags"][INPUTS_TAG]) == ("FAILURE", killed["tags"][INPUTS_TAG])
    assert release_of(home).manifest["run_id"] == again["runId"]


def test_a_sync_that_was_refused_the_lock_is_started_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDP_WRITER_WAIT_SECONDS", "0")
    with running_ui(home) as ui:
        _refuse_one_run(ui, home)
        wait_until(lambda: bool(_succeeded(ui)), "another run has succeeded", seconds=300)
        assert release_of(home).manifest["run_id"] == _succeeded(ui)[0]["runId"]


def _refuse_one_run(ui: RunningUi, home: Path) -> None:
    with writer_lock(Settings(home).writer_lock, "a long import"):
        ui.start_sensor()
        wait_until(lambda: any(run["status"] == "FAILURE" for run in ui.runs()), "a run was refused", seconds=120)
