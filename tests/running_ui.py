"""Dagster's own webserver and daemon on a home, as `cdp dev` starts them, and the questions that tests ask them."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

CDP = Path(sys.executable).parent / "cdp"
LOCATION = {"repositoryName": "__repository__", "repositoryLocationName": "cdp"}
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET_BROWSER = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
RUN_SECONDS = 300  # where the webserver runs a job itself, it answers when the job has ended
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}

_RUNS = "{ runsOrError { ... on Runs { results { runId status pipelineName tags { key value } } } } }"
_START_SENSOR = """
mutation ($sensor: SensorSelector!) {
  startSensor(sensorSelector: $sensor) { __typename ... on PythonError { message } }
}
"""
_LAUNCH = """
mutation ($run: ExecutionParams!) {
  launchRun(executionParams: $run) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}
"""

_IN_THE_WEBSERVER = """\
nux:
  enabled: false
telemetry:
  enabled: false
run_launcher:
  module: dagster._core.launcher.sync_in_memory_run_launcher
  class: SyncInMemoryRunLauncher
run_coordinator:
  module: dagster._core.run_coordinator
  class: DefaultRunCoordinator
"""


@dataclass(frozen=True)
class RunningUi:
    """The UI of a home: its port, and the file that it writes to."""

    port: int
    log: Path

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return what the UI's GraphQL API answers."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(f"http://127.0.0.1:{self.port}/graphql", body, headers), timeout=RUN_SECONDS) as answer:
            answered: dict[str, Any] = json.load(answer)
        assert "errors" not in answered, answered
        return dict(answered["data"])

    def runs(self) -> list[dict[str, Any]]:
        """Return the runs, the newest first, with their tags as a mapping."""
        found = self.ask(_RUNS)["runsOrError"]["results"]
        return [run | {"tags": {tag["key"]: tag["value"] for tag in run["tags"]}} for run in found]

    def start_sensor(self) -> None:
        """Start the sensor of the inbox."""
        started = self.ask(_START_SENSOR, sensor={**LOCATION, "sensorName": "inbox_sensor"})
        assert started["startSensor"]["__typename"] == "Sensor", started

    def launch(self, *assets: str, job: str = "__ASSET_JOB", config: dict[str, Any] | None = None) -> dict[str, Any]:
        """Start a run of some assets (all of a job without any), as a click does, and return it when it has ended."""
        selector = {
            "repositoryName": LOCATION["repositoryName"],
            "repositoryLocationName": LOCATION["repositoryLocationName"],
            "pipelineName": job,
            "assetSelection": [{"path": asset.split("/")} for asset in assets] or None,
        }
        started = self.ask(_LAUNCH, run={"selector": selector, "mode": "default", "runConfigData": config or {}})
        assert started["launchRun"]["__typename"] == "LaunchRunSuccess", started
        run_id = started["launchRun"]["run"]["runId"]
        return self.ended(run_id)

    def page(self, path: str, profile: Path, screenshot: Path | None = None) -> str:
        """Return what a browser has made of a page after the scripts behind it have run."""
        options = [f"--user-data-dir={profile}", "--window-size=1600,1200", "--virtual-time-budget=20000"]
        shown = [f"--screenshot={screenshot}"] if screenshot else []
        address = f"http://127.0.0.1:{self.port}{path}"
        command = [str(BROWSER), *QUIET_BROWSER, *options, *shown, "--dump-dom", address]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout

    def ended(self, run_id: str, seconds: float = 240) -> dict[str, Any]:
        """Wait until a run has ended, and return it."""
        wait_until(lambda: self._run(run_id)["status"] in ENDED, f"run {run_id} has ended", seconds=seconds)
        return self._run(run_id)

    def _run(self, run_id: str) -> dict[str, Any]:
        return next(run for run in self.runs() if run["runId"] == run_id)


def run_in_the_webserver(home: Path) -> None:
    """Let the UI of a home execute runs itself: a process for each takes ten seconds longer."""
    folder = home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dagster.yaml").write_text(_IN_THE_WEBSERVER, encoding="utf-8")


@contextmanager
def running_ui(home: Path) -> Iterator[RunningUi]:
    """Run the UI and the daemon of a home while the block runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, "CDP_HOME": str(home)}
    with (home / "dev.log").open("w", encoding="utf-8") as log:
        # a folder without a project file: an installed package is started from anywhere
        process = subprocess.Popen(
            [CDP, "dev", "--port", str(port)],
            env=environment,
            cwd=home,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_ignore_interrupts,
        )
        ui = RunningUi(port, home / "dev.log")
        try:
            wait_until(lambda: _answers(ui), "the UI answers", seconds=300)
            yield ui
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=60)  # Dagster waits for its webserver and then for its daemon
            finally:
                _end_group(process.pid)


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float) -> None:
    """Wait for a condition, and fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.5)


def _ignore_interrupts() -> None:
    """What a script starts in the background ignores Ctrl-C; asked to end, it has to end all the same."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _answers(ui: RunningUi) -> bool:
    try:
        return bool(ui.ask("{ version }"))
    except OSError:
        return False


def _end_group(group: int) -> None:
    """The servers that the UI started outlive it for a while, and would go on reading the home."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
