"""What a data engineer does in Dagster's UI: the groups in a wrong order, what that left, then a sync.

What the groups do in a wrong and in the right order is tested every time, in one process, by
``test_materialized_by_hand.py``, and that the UI starts a process for a run, which these runs do without, by
``test_dagster_ui.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from live_homes import copy_home
from release_comparison import release_of
from running_ui import BROWSER, RunningUi, run_in_the_webserver, running_ui

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse

pytestmark = pytest.mark.long

WRONG_ORDER = ("journeys", "profiles", "release", "identity", "staging", "landing")
ASSETS = "{ assetNodes { assetKey { path } groupName staleStatus } }"
FAILED_STEPS = """
query ($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events {
  ... on ExecutionStepFailureEvent { stepKey error { message cause { message } } }
} } } }
"""


@dataclass(frozen=True)
class Walk:
    """What was seen while a new contact waited: in pages nothing, where there is no browser."""

    ended: dict[str, str]
    was_published: bool
    unsynced: set[str]
    refused: str
    reason: str
    page_behind: str
    synced: dict[str, Any]
    page_live: str
    screenshots: tuple[Path, Path]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, live_home: Path) -> Path:
    home = copy_home(live_home, tmp_path_factory.mktemp("walk") / "home")
    run_in_the_webserver(home)
    return home


@pytest.fixture(scope="module")
def ui(home: Path) -> Iterator[RunningUi]:
    """A running UI of a home that has been synced once."""
    with running_ui(home) as running:
        yield running


@pytest.fixture(scope="module")
def walk(ui: RunningUi, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """A contact arrives; the groups run in a wrong order, the candidate is asked for, and a full sync follows."""
    before, shots = release_of(home).release_id, tmp_path_factory.mktemp("screenshots")
    _deliver_a_contact(home)
    ended = {group: str(ui.launch(*_group(ui, group))["status"]) for group in WRONG_ORDER}
    was_published, unsynced = release_of(home).release_id != before or _is_known(home), _unsynced(ui)
    refused = ui.launch("release/candidate")
    reason = _reasons(ui, refused)
    behind = _page(ui, "/assets/staging/stg_crm__contacts", shots / "behind.png")
    synced = ui.launch(job="sync", config={"resources": {"home": {"config": {"full_refresh": True}}}})
    assert synced["status"] == "SUCCESS", _reasons(ui, synced)
    live = _page(ui, "/assets/release/live", shots / "live.png")
    pictures = (shots / "behind.png", shots / "live.png")
    return Walk(ended, was_published, unsynced, refused["status"], reason, behind, synced, live, pictures)


def _page(ui: RunningUi, path: str, screenshot: Path) -> str:
    return ui.page(path, screenshot.with_name("profile"), screenshot) if BROWSER else ""


def _assets(ui: RunningUi) -> dict[str, dict[str, Any]]:
    return {"/".join(node["assetKey"]["path"]): node for node in ui.ask(ASSETS)["assetNodes"]}


def _group(ui: RunningUi, group: str) -> list[str]:
    return [key for key, node in _assets(ui).items() if node["groupName"] == group]


def _unsynced(ui: RunningUi) -> set[str]:
    return {str(node["groupName"]) for node in _assets(ui).values() if node["staleStatus"] == "STALE"}


def _reasons(ui: RunningUi, run: dict[str, Any]) -> str:
    events = ui.ask(FAILED_STEPS, run=run["runId"])["logsForRun"]["events"]
    errors = [event["error"] for event in events if event.get("error")]
    return "\n".join(f"{error['message']} {(error['cause'] or {}).get('message', '')}" for error in errors)


def _deliver_a_contact(home: Path) -> None:
    file = home / "inbox" / "crm" / "contacts" / "zz.csv"
    header = "Id,FirstName,LastName,Email,SystemModstamp"
    row = "W001,Wanda,Walker,wanda@new.example,2026-06-30T00:00:00Z"
    file.write_text(f"{header}\n{row}\n", encoding="utf-8")


def _is_known(home: Path) -> bool:
    query = "select count(*) from profile_records where source_record_id = 'W001'"
    return bool(release_of(home).connect().execute(query).fetchall()[0][0])


def test_groups_materialized_in_a_wrong_order_publish_nothing(walk: Walk) -> None:
    assert {group for group, status in walk.ended.items() if status != "SUCCESS"} <= {"release"}
    assert not walk.was_published
    assert "staging" in walk.unsynced


def test_a_stage_behind_is_named_with_its_remedy_by_the_candidate(walk: Walk) -> None:
    assert walk.refused == "FAILURE"
    assert "no release can be cut: staging" in walk.reason
    assert "materialize the group staging" in walk.reason


def test_a_sync_completes_what_was_left_and_a_full_refresh_is_a_field_of_its_launchpad(
    walk: Walk, ui: RunningUi, home: Path
) -> None:
    assert _is_known(home)
    assert _unsynced(ui) == set()
    assert release_of(home).manifest["run_id"] == walk.synced["runId"]
    assert _made_by(ui, "release", "live") == walk.synced["runId"]
    with read_warehouse(Settings(home).warehouse) as warehouse:
        runs = warehouse.execute("select run_id, is_full from operations.identity_runs").fetchall()
    assert (walk.synced["runId"], True) in runs


@pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is installed to open the UI")
def test_a_browser_shows_what_is_unsynced_and_how_the_live_release_came_to_be(walk: Walk) -> None:
    assert "Unsynced" in walk.page_behind
    assert "One row per contact" in walk.page_behind
    assert "Unsynced" not in walk.page_live
    shown = {word for word in ("started_by", "cut_in_run", "gates_passed") if word in walk.page_live}
    assert shown == {"started_by", "cut_in_run", "gates_passed"}
    assert all(picture.stat().st_size for picture in walk.screenshots)


def _made_by(ui: RunningUi, *key: str) -> str:
    """Return the run that materialized an asset last."""
    query = "query ($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode { "
    query += "assetMaterializations(limit: 1) { runId } } } }"
    found = ui.ask(query, key={"path": list(key)})
    return str(found["assetNodeOrError"]["assetMaterializations"][0]["runId"])
