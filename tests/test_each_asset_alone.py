"""Each asset can be materialized alone through the API of Dagster's UI, where its inputs are there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from running_ui import RunningUi, running_ui

from cdp_orchestration.dagster.instance import prepare_instance
from cdp_orchestration.demo import write_demo
from cdp_orchestration.home.settings import Settings

pytestmark = pytest.mark.long

# A process for each of the 130 runs would take twenty minutes; here the webserver executes them itself
IN_THE_WEBSERVER = """\
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
ASSETS = "{ assetNodes { assetKey { path } } }"


@pytest.fixture
def ui(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningUi]:
    """A running UI of a home that has been synced once."""
    home = tmp_path / "home"
    write_demo(home / "inbox", home / "demo_truth.csv", customers=20, seed=3)
    monkeypatch.setenv("CDP_HOME", str(home))
    monkeypatch.setenv("DAGSTER_HOME", "")
    (prepare_instance(Settings(home)) / "dagster.yaml").write_text(IN_THE_WEBSERVER, encoding="utf-8")
    with running_ui(home) as running:
        assert running.launch(job="sync")["status"] == "SUCCESS"
        yield running


def test_every_asset_is_materialized_alone(ui: RunningUi) -> None:
    keys = sorted("/".join(node["assetKey"]["path"]) for node in ui.ask(ASSETS)["assetNodes"])
    assert len(keys) > 100
    ended = {key: ui.launch(key)["status"] for key in keys}
    assert {key: status for key, status in ended.items() if status != "SUCCESS"} == {}
