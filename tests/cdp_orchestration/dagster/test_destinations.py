"""Destinations in Dagster: an asset each, a job of their own, a sensor that lets them follow the live release."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from postgres_server import PASSWORD, running_postgres
from small_releases import FIRST, SECOND, make_live, rows_of

from cdp_orchestration.dagster.assets.destinations import destination_key
from cdp_orchestration.dagster.code_location import build_definitions
from cdp_orchestration.dagster.destinations import DESTINATION_SENSOR, PUBLISH_JOB, _request, run_publish
from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.dagster.jobs import SYNC_JOB
from cdp_orchestration.destinations import Standing, destinations_file, read_destinations
from cdp_orchestration.destinations.states import State
from cdp_orchestration.health.destinations import destination_findings
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.pointer import current_release_id

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with two destinations, of which one cannot be reached."""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "file").touch()
    declared = {
        "warehouse": {"kind": "postgres", "url": "env:CDP_POSTGRES", "retries": 0},
        "copy": {"kind": "files", "path": f"{tmp_path}/file/below", "retries": 0},
    }
    (home / "destinations.yml").write_text(json.dumps({"destinations": declared}), encoding="utf-8")
    monkeypatch.setenv("CDP_HOME", str(home))
    monkeypatch.setenv("CDP_POSTGRES", f"postgresql://owner:{PASSWORD}@127.0.0.1:1/none")
    return Settings(home)


def _materializations(instance: dg.DagsterInstance, name: str) -> list[dg.EventLogEntry]:
    records = instance.fetch_materializations(destination_key(name), limit=10).records
    return [record.event_log_entry for record in records]


def test_a_destination_that_fails_harms_neither_the_release_nor_another_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_live(settings.home, FIRST, rows_of(2))
    manifest = (settings.releases / FIRST / "manifest.json").read_bytes()
    with running_postgres() as address:
        monkeypatch.setenv("CDP_POSTGRES", address)
        found = {each.name: each for each in run_publish(settings)}
        assert {name: each.is_behind for name, each in found.items()} == {"warehouse": False, "copy": True}
        assert "NotADirectoryError" in str(found["copy"].state.problem)
        assert current_release_id(settings.releases) == FIRST
        assert (settings.releases / FIRST / "manifest.json").read_bytes() == manifest
        with open_instance(settings) as instance:
            (entry,) = _materializations(instance, "warehouse")
            assert _materializations(instance, "copy") == []
            metadata = {name: value.value for name, value in entry.asset_materialization.metadata.items()}
            (run,) = instance.get_runs()
        assert (run.job_name, run.status) == (PUBLISH_JOB, dg.DagsterRunStatus.FAILURE)
        seconds = metadata.pop("seconds")
        assert isinstance(seconds, float)
        assert metadata.items() >= {"release_id": FIRST, "is_new": True, "published_rows": 6, "sent_tables": 3}.items()
        (finding,) = destination_findings(settings)
        assert (finding.kind, finding.subject, finding.severity) == ("stale_destination", "copy", "warning")
        # Where the place is there again the next run ends it, and nothing is sent twice
        (settings.home.parent / "file").unlink()
        make_live(settings.home, SECOND, rows_of(3))
        assert [each.is_behind for each in run_publish(settings)] == [False, False]
        assert destination_findings(settings) == []
    # What shows the live release and cannot be asked any more is said by who asks, and is no finding
    (asked,) = run_publish(settings, ["warehouse"])
    assert (asked.is_behind, asked.is_reached) == (False, False)
    assert destination_findings(settings) == []
    log = "".join(path.read_text(errors="replace") for path in settings.home.rglob("*") if path.is_file())
    assert PASSWORD not in log


def test_a_secret_that_is_not_there_is_tried_once_and_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_live(settings.home, FIRST, rows_of(1))
    monkeypatch.delenv("CDP_POSTGRES")
    (found,) = run_publish(settings, ["warehouse"])
    assert "The secret env:CDP_POSTGRES is empty or not there" in str(found.state.problem)


def test_the_sync_has_no_part_in_them_and_their_job_no_other(settings: Settings) -> None:
    definitions = build_definitions()
    assets = {key: set() for key in map(destination_key, ("warehouse", "copy"))}
    assert definitions.resolve_job_def(SYNC_JOB).asset_layer.executable_asset_keys & assets.keys() == set()
    assert definitions.resolve_job_def(PUBLISH_JOB).asset_layer.executable_asset_keys == assets.keys()
    graph = definitions.resolve_asset_graph()
    assert {key: graph.get(key).parent_keys for key in assets} == {
        key: {dg.AssetKey(["release", "live"])} for key in assets
    }
    assert DESTINATION_SENSOR in {sensor.name for sensor in definitions.sensors or ()}


@pytest.mark.parametrize("declared", [None, "destinations: {copy: {kind: none}}\n"])
def test_without_one_that_can_be_read_there_is_no_job_and_the_sync_goes_on(
    settings: Settings, declared: str | None
) -> None:
    file = destinations_file(settings)
    file.write_text(declared, encoding="utf-8") if declared else file.unlink()
    definitions = build_definitions()
    assert PUBLISH_JOB not in {job.name for job in definitions.resolve_all_job_defs()}
    assert definitions.resolve_job_def(SYNC_JOB)


def _standings(settings: Settings, state: State, *, is_behind: bool) -> list[Standing]:
    return [Standing(name, each, state, is_behind) for name, each in read_destinations(settings).items()]


def test_the_sensor_asks_for_what_is_behind_and_leaves_a_failure_alone_for_five_minutes(settings: Settings) -> None:
    now = time.time()
    asked = _request(_standings(settings, State(), is_behind=True), now)
    assert isinstance(asked, dg.RunRequest)
    assert asked.asset_selection == [destination_key("warehouse"), destination_key("copy")]
    assert _request(_standings(settings, State(), is_behind=True), now).run_key == asked.run_key
    assert isinstance(_request(_standings(settings, State(), is_behind=False), now), dg.SkipReason)
    at = datetime.fromtimestamp(now, UTC)
    fresh, old = (State(problem="down", failed_at=(at - timedelta(minutes=each)).isoformat()) for each in (1, 6))
    skipped = _request(_standings(settings, fresh, is_behind=True), now)
    assert "failed a short while ago" in str(skipped.skip_message)
    again = _request(_standings(settings, old, is_behind=True), now)
    assert again.run_key != asked.run_key
