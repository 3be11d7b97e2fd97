"""Dagster's own webserver and daemon: files arrive, the sensor syncs, and the graph shows stages with green checks.

The first sync of the sensor is killed and the second one refused the writer's lock: it tries until one has completed.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from live_homes import copy_home
from release_comparison import release_of
from running_ui import BROWSER, RunningUi, running_ui, wait_until

from cdp_orchestration.dagster.automation import automation_states
from cdp_orchestration.dagster.sync_tries import INPUTS_TAG
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.writer_lock import Holder, current_holder, writer_lock
from cdp_orchestration.terminal.dev import ready_sentence

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

STAGES = ("landing", "staging", "identity", "profiles", "journeys", "release")
CLUB = """
source: club
owner: team:members
streams:
  members:
    vendor: club member
    key: [number]
    fields: {number: identifier, name: text}
    person: {record_type: member, full_name: name}
"""
CHECKS = """
{ assetNodes { groupName assetKey { path } assetChecksOrError { ... on AssetChecks { checks { blocking
  executionForLatestMaterialization { status } } } } } }
"""

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def home(live_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has been synced, and since then has a source of its own with one file."""
    home = copy_home(live_home, tmp_path_factory.mktemp("ui") / "home")
    for path, text in (("sources/club.yml", CLUB), ("inbox/club/members/all.csv", "number,name\n1,Ida Kern\n")):
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def ui(home: Path) -> Iterator[RunningUi]:
    """A running UI with its daemon, whose runs do not wait for the writer's lock."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CDP_WRITER_WAIT_SECONDS", "0")
        with running_ui(home) as running:
            yield running


@dataclass(frozen=True)
class Tries:
    """The runs that the sensor asked for when it saw the files: who wrote the home when one was killed, and all.

    The newest is the first.
    """

    killed_holder: Holder
    runs: list[dict[str, Any]]


@pytest.fixture(scope="module")
def tries(ui: RunningUi, home: Path) -> Tries:
    """Kill the first run of the sensor, hold the lock while the second one asks for it, and wait for one that ends."""
    lock = Settings(home).writer_lock
    ui.start_sensor()
    wait_until(lambda: "Dagster run" in str(current_holder(lock)), "a run writes the home", seconds=180)
    holder = current_holder(lock)
    assert holder is not None
    os.kill(int(holder.pid), signal.SIGKILL)
    with writer_lock(lock, "a long import", 10):
        wait_until(lambda: len(_of_sensor(ui, "FAILURE")) > 1, "another run was refused the lock", seconds=240)
    wait_until(lambda: bool(_of_sensor(ui, "SUCCESS")), "another run has succeeded", seconds=400)
    return Tries(holder, _of_sensor(ui, "SUCCESS", "FAILURE"))


@pytest.fixture(scope="module")
def run(tries: Tries) -> dict[str, Any]:
    """The run that has succeeded."""
    return tries.runs[0]


def _of_sensor(ui: RunningUi, *status: str) -> list[dict[str, Any]]:
    """Return the sensor's runs with one of these statuses, the newest first."""
    return [run for run in ui.runs() if run["status"] in status and "dagster/sensor_name" in run["tags"]]


def test_the_start_ends_with_one_sentence_and_no_warning(ui: RunningUi, home: Path) -> None:
    shown = home / "dev.log"
    wait_until(lambda: shown.read_text(encoding="utf-8") != "", "the start is reported", seconds=30)
    first = shown.read_text(encoding="utf-8").splitlines()[0]
    assert first == ready_sentence("127.0.0.1", ui.port, dict.fromkeys(automation_states(Settings(home)), False))
    assert "Warning" not in shown.read_text(encoding="utf-8")


def test_a_second_start_on_the_same_port_is_an_error(ui: RunningUi, home: Path, cdp: Cdp) -> None:
    ended = cdp(home, "dev", "--port", str(ui.port))
    assert ended.returncode == 1
    assert f"error: port {ui.port} of 127.0.0.1 is used" in ended.stderr


def test_a_sync_of_the_sensor_that_was_killed_or_refused_the_lock_is_started_again(tries: Tries) -> None:
    again, *refused, killed = tries.runs
    assert killed["runId"] in tries.killed_holder.purpose
    assert (killed["status"], again["status"]) == ("FAILURE", "SUCCESS")
    assert {each["status"] for each in refused} == {"FAILURE"}
    assert {each["tags"][INPUTS_TAG] for each in tries.runs} == {again["tags"][INPUTS_TAG]}


def test_files_that_arrive_are_synced_by_the_sensor(run: dict[str, Any], home: Path) -> None:
    assert run["tags"]["dagster/sensor_name"] == "inbox_sensor"
    assert run["status"] == "SUCCESS"
    assert release_of(home).manifest["run_id"] == run["runId"]


def test_the_started_sensor_is_running_and_the_schedule_is_not(
    run: dict[str, Any], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run["status"] == "SUCCESS"
    for variable in ("CDP_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(variable, "")
    assert [name for name, is_running in automation_states(Settings(home)).items() if is_running] == ["inbox_sensor"]


def test_a_gate_on_every_stage_has_passed(run: dict[str, Any], ui: RunningUi) -> None:
    gates = [
        (node["groupName"], check["executionForLatestMaterialization"])
        for node in ui.ask(CHECKS)["assetNodes"]
        for check in node["assetChecksOrError"].get("checks", [])
        if check["blocking"]
    ]
    assert {stage for stage, _ in gates} == set(STAGES)
    assert {execution["status"] for _, execution in gates} == {"SUCCEEDED"}


def test_a_source_of_ones_own_is_gated_from_landing_on(run: dict[str, Any], ui: RunningUi) -> None:
    nodes = {"/".join(node["assetKey"]["path"]): node for node in ui.ask(CHECKS)["assetNodes"]}
    checks = nodes["landing/club_members"]["assetChecksOrError"]["checks"]
    assert run["status"] == "SUCCESS"
    assert [check["executionForLatestMaterialization"]["status"] for check in checks if check["blocking"]] == [
        "SUCCEEDED"
    ]
    assert "staging/stg_club__members" in nodes


@pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is installed to open the UI")
def test_a_browser_shows_the_graph_by_stage_with_its_checks_passed(
    run: dict[str, Any], ui: RunningUi, tmp_path: Path
) -> None:
    graph = ui.page("/asset-groups", tmp_path)
    for stage in STAGES:
        assert f">{stage}<" in graph
    release = ui.page("/locations/cdp/asset-groups/release/lineage", tmp_path)
    assert "1 / 1 Passed" in release
    own = ui.page("/assets/landing/club_members", tmp_path)
    assert "One row per delivered version of a club member" in own
