"""Dagster's own webserver and daemon: files arrive, the sensor syncs, and the graph shows stages with green checks."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from release_comparison import release_of
from running_ui import BROWSER, ENDED, RunningUi, running_ui, wait_until

from cdp_orchestration.dagster.automation import automation_states
from cdp_orchestration.demo import write_demo
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.dev import ready_sentence

pytestmark = pytest.mark.slow

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
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("ui") / "home"
    write_demo(home / "inbox", home / "demo_truth.csv", customers=40, seed=3)
    for path, text in (("sources/club.yml", CLUB), ("inbox/club/members/all.csv", "number,name\n1,Ida Kern\n")):
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def ui(home: Path) -> Iterator[RunningUi]:
    """A running UI with its daemon."""
    with running_ui(home) as running:
        yield running


@pytest.fixture(scope="module")
def run(ui: RunningUi) -> dict[str, Any]:
    """The run that the sensor asked for when it saw the files, ended."""
    ui.start_sensor()

    def ended() -> list[dict[str, Any]]:
        return [found for found in ui.runs() if found["status"] in ENDED]

    wait_until(lambda: bool(ended()), "the sensor's run has ended", seconds=240)
    return ended()[0]


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
