"""Dagster's own webserver and daemon: files arrive, the sensor syncs, and the graph shows stages with green checks."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from release_comparison import release_of

from cdp_orchestration.dagster.automation import automation_states
from cdp_orchestration.demo import write_demo
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.dev import ready_sentence

pytestmark = pytest.mark.slow

CDP = Path(sys.executable).parent / "cdp"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET_BROWSER = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")

STAGES = ("landing", "staging", "identity", "profiles", "journeys", "release")
LOCATION = {"repositoryName": "__repository__", "repositoryLocationName": "cdp"}
START_SENSOR = """
mutation ($sensor: SensorSelector!) {
  startSensor(sensorSelector: $sensor) { __typename ... on PythonError { message } }
}
"""
RUNS = "{ runsOrError { ... on Runs { results { runId status tags { key value } } } } }"
CHECKS = """
{ assetNodes { groupName assetChecksOrError { ... on AssetChecks { checks { blocking
  executionForLatestMaterialization { status } } } } } }
"""

Ask = Callable[..., dict[str, Any]]
Cdp = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("ui") / "home"
    write_demo(home / "inbox", home / "demo_truth.csv", customers=40, seed=3)
    return home


@pytest.fixture(scope="module")
def port(home: Path) -> Iterator[int]:
    """The port of a running UI with its daemon."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, "CDP_HOME": str(home)}
    log = (home / "dev.log").open("w", encoding="utf-8")
    # a folder without a project file: an installed package is started from anywhere
    process = subprocess.Popen(
        [CDP, "dev", "--port", str(port)], env=environment, cwd=home, stdout=log, stderr=log, start_new_session=True
    )
    try:
        yield port
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=60)  # Dagster waits for its webserver and then for its daemon
        finally:
            _end_group(process.pid)
            log.close()


def _end_group(group: int) -> None:
    """The servers that the UI started outlive it for a while, and would go on reading the home."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.fixture(scope="module")
def ask(port: int) -> Ask:
    def send(query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(f"http://127.0.0.1:{port}/graphql", body, headers), timeout=30) as answer:
            answered: dict[str, Any] = json.load(answer)
        assert "errors" not in answered, answered
        return dict(answered["data"])

    def is_there() -> bool:
        try:
            return bool(send("{ version }"))
        except OSError:
            return False

    _wait_until(is_there, "the UI answers", seconds=90)
    return send


@pytest.fixture(scope="module")
def run(ask: Ask) -> dict[str, Any]:
    """The run that the sensor asked for when it saw the files, ended."""
    started = ask(START_SENSOR, sensor={**LOCATION, "sensorName": "inbox_sensor"})
    assert started["startSensor"]["__typename"] == "Sensor", started
    ended = {"SUCCESS", "FAILURE", "CANCELED"}

    def runs() -> list[dict[str, Any]]:
        return [found for found in ask(RUNS)["runsOrError"]["results"] if found["status"] in ended]

    _wait_until(lambda: bool(runs()), "the sensor's run has ended", seconds=240)
    return runs()[0]


def _wait_until(condition: Callable[[], bool], what: str, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.5)


def test_the_start_ends_with_one_sentence_and_no_warning(ask: Ask, home: Path, port: int) -> None:
    assert ask("{ version }")
    shown = home / "dev.log"
    _wait_until(lambda: shown.read_text(encoding="utf-8") != "", "the start is reported", seconds=30)
    first = shown.read_text(encoding="utf-8").splitlines()[0]
    assert first == ready_sentence("127.0.0.1", port, {"hourly_sync": False, "inbox_sensor": False})
    assert "Warning" not in shown.read_text(encoding="utf-8")


def test_a_second_start_on_the_same_port_is_an_error(ask: Ask, home: Path, port: int, cdp: Cdp) -> None:
    assert ask("{ version }")
    ended = cdp(home, "dev", "--port", str(port))
    assert ended.returncode == 1
    assert f"error: port {port} of 127.0.0.1 is used" in ended.stderr


def test_files_that_arrive_are_synced_by_the_sensor(run: dict[str, Any], home: Path) -> None:
    tags = {tag["key"]: tag["value"] for tag in run["tags"]}
    assert tags["dagster/sensor_name"] == "inbox_sensor"
    assert run["status"] == "SUCCESS"
    assert release_of(home).manifest["run_id"] == run["runId"]


def test_the_started_sensor_is_running_and_the_schedule_is_not(
    run: dict[str, Any], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run["status"] == "SUCCESS"
    for variable in ("CDP_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(variable, "")
    assert automation_states(Settings(home)) == {"hourly_sync": False, "inbox_sensor": True}


def test_a_gate_on_every_stage_has_passed(run: dict[str, Any], ask: Ask) -> None:
    gates = [
        (node["groupName"], check["executionForLatestMaterialization"])
        for node in ask(CHECKS)["assetNodes"]
        for check in node["assetChecksOrError"].get("checks", [])
        if check["blocking"]
    ]
    assert {stage for stage, _ in gates} == set(STAGES)
    assert {execution["status"] for _, execution in gates} == {"SUCCEEDED"}


@pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is installed to open the UI")
def test_a_browser_shows_the_graph_by_stage_with_its_checks_passed(
    run: dict[str, Any], port: int, tmp_path: Path
) -> None:
    graph = _page(f"http://127.0.0.1:{port}/asset-groups", tmp_path)
    for stage in STAGES:
        assert f">{stage}<" in graph
    release = _page(f"http://127.0.0.1:{port}/locations/cdp/asset-groups/release/lineage", tmp_path)
    assert "1 / 1 Passed" in release


def _page(address: str, profile: Path) -> str:
    """What a browser has made of a page after the scripts behind it have run."""
    options = [f"--user-data-dir={profile}", "--window-size=1600,1200", "--virtual-time-budget=20000", "--dump-dom"]
    opened = subprocess.run(
        [str(BROWSER), *QUIET_BROWSER, *options, address], capture_output=True, text=True, check=True, timeout=120
    )
    return opened.stdout
