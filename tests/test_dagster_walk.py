"""What a data engineer does in Dagster's UI: each asset alone, the groups in a wrong order, then a sync."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from release_comparison import release_of
from running_ui import BROWSER, RunningUi, running_ui

from cdp_orchestration.demo import write_demo

pytestmark = pytest.mark.slow

WRONG_ORDER = ("journeys", "profiles", "release", "identity", "staging", "landing")
RIGHT_ORDER = ("landing", "staging", "identity", "profiles", "journeys", "release")
ASSETS = "{ assetNodes { assetKey { path } groupName staleStatus } }"
FAILED_STEPS = """
query ($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events {
  ... on ExecutionStepFailureEvent { stepKey error { message cause { message } } }
} } } }
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("walk") / "home"
    write_demo(home / "inbox", home / "demo_truth.csv", customers=40, seed=3)
    return home


@pytest.fixture(scope="module")
def ui(home: Path) -> Iterator[RunningUi]:
    """A running UI of a home that has been synced once."""
    with running_ui(home) as running:
        first = running.launch(job="sync")
        assert first["status"] == "SUCCESS", _reasons(running, first)
        yield running


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


def _deliver_a_contact(home: Path, number: int) -> None:
    file = home / "inbox" / "crm" / "contacts" / f"zz_{number}.csv"
    header = "Id,FirstName,LastName,Email,SystemModstamp"
    row = f"W{number:03d},Wanda,Walker{number},wanda{number}@new.example,2026-06-30T00:00:00Z"
    file.write_text(f"{header}\n{row}\n", encoding="utf-8")


def _is_known(home: Path, number: int) -> bool:
    query = "select count(*) from profile_records where source_record_id = ?"
    return bool(release_of(home).connect().execute(query, [f"W{number:03d}"]).fetchall()[0][0])


def test_groups_materialized_in_a_wrong_order_publish_nothing_and_a_sync_completes_them(
    ui: RunningUi, home: Path
) -> None:
    before = release_of(home).release_id
    _deliver_a_contact(home, 1)
    ended = {group: ui.launch(*_group(ui, group)) for group in WRONG_ORDER}
    assert {group for group, run in ended.items() if run["status"] != "SUCCESS"} <= {"release"}
    assert not _is_known(home, 1)
    assert "staging" in _unsynced(ui)
    synced = ui.launch(job="sync")
    assert synced["status"] == "SUCCESS", _reasons(ui, synced)
    assert release_of(home).release_id != before
    assert _is_known(home, 1)
    assert _unsynced(ui) == set()


def test_a_release_from_groups_in_the_right_order_is_as_good_as_a_sync(ui: RunningUi, home: Path) -> None:
    _deliver_a_contact(home, 2)
    for group in RIGHT_ORDER:
        run = ui.launch(*_group(ui, group))
        assert run["status"] == "SUCCESS", _reasons(ui, run)
    assert _is_known(home, 2)
    idle = ui.launch(job="sync")
    assert idle["status"] == "SUCCESS"
    assert release_of(home).manifest["run_id"] != idle["runId"]


def test_a_stage_behind_is_named_with_its_remedy_by_the_candidate(ui: RunningUi, home: Path) -> None:
    _deliver_a_contact(home, 3)
    assert ui.launch("landing/crm_contacts")["status"] == "SUCCESS"
    assert "staging" in _unsynced(ui)
    refused = ui.launch("release/candidate")
    assert refused["status"] == "FAILURE"
    reason = _reasons(ui, refused)
    assert "no release can be cut: staging" in reason
    assert "materialize the group staging" in reason
    assert ui.launch(job="sync")["status"] == "SUCCESS"


@pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is installed to open the UI")
def test_a_browser_shows_what_is_unsynced_and_how_the_live_release_came_to_be(
    ui: RunningUi, home: Path, tmp_path: Path
) -> None:
    _deliver_a_contact(home, 4)
    assert ui.launch("landing/crm_contacts")["status"] == "SUCCESS"
    behind = ui.page("/assets/staging/stg_crm__contacts", tmp_path / "profile", tmp_path / "behind.png")
    assert "Unsynced" in behind
    assert "One row per contact" in behind
    assert ui.launch(job="sync")["status"] == "SUCCESS"
    live = ui.page("/assets/release/live", tmp_path / "profile", tmp_path / "live.png")
    assert "Unsynced" not in live
    assert {word for word in ("started_by", "cut_in_run", "gates_passed") if word not in live} == set()
    assert (tmp_path / "behind.png").stat().st_size
    assert (tmp_path / "live.png").stat().st_size


def test_a_full_refresh_is_a_field_of_the_launchpad(ui: RunningUi) -> None:
    config = {"resources": {"home": {"config": {"full_refresh": True}}}}
    full = ui.launch(job="sync", config=config)
    assert full["status"] == "SUCCESS", _reasons(ui, full)
    assert _made_by(ui, "release", "live") == full["runId"]


def _made_by(ui: RunningUi, *key: str) -> str:
    """Return the run that materialized an asset last."""
    query = "query ($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode { "
    query += "assetMaterializations(limit: 1) { runId } } } }"
    found = ui.ask(query, key={"path": list(key)})
    return str(found["assetNodeOrError"]["assetMaterializations"][0]["runId"])
