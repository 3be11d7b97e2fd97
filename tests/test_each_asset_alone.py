"""Each asset can be materialized alone through the API of Dagster's UI, where its inputs are there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from live_homes import copy_home
from running_ui import RunningUi, run_in_the_webserver, running_ui

pytestmark = pytest.mark.long

ASSETS = "{ assetNodes { assetKey { path } } }"


@pytest.fixture
def ui(live_home: Path, tmp_path: Path) -> Iterator[RunningUi]:
    """A running UI of a home that has been synced once; a process for each of the 130 runs would take long."""
    home = copy_home(live_home, tmp_path / "home")
    run_in_the_webserver(home)
    with running_ui(home) as running:
        yield running


def test_every_asset_is_materialized_alone(ui: RunningUi) -> None:
    keys = sorted("/".join(node["assetKey"]["path"]) for node in ui.ask(ASSETS)["assetNodes"])
    assert len(keys) > 100
    ended = {key: ui.launch(key)["status"] for key in keys}
    assert {key: status for key, status in ended.items() if status != "SUCCESS"} == {}
