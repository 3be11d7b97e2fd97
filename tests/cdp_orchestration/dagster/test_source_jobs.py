"""What a source's declaration adds to Dagster: its job, its schedule, its tags, and the checks of its deliveries."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from cdp_orchestration.dagster.code_location import build_definitions
from cdp_orchestration.dagster.delivery_checks import IN_TIME, UNREAD, freshness_sensor, unread_result
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.dagster.triggers import trigger_of
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing.pauses import UnknownSourceError, pause_source
from cdp_orchestration.landing.states.unread_files import UnreadFolder
from cdp_orchestration.landing.storage.ledger import LedgerEntry, create_ledger, record_entries
from cdp_orchestration.sources import declared_sources, shipped_streams

LATER = {"staging", "identity", "profiles", "journeys", "release"}


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CDP_HOME", str(tmp_path_factory.mktemp("home")))
        return build_definitions()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    return Settings.from_environment()


def _checks(definitions: dg.Definitions, name: str) -> Mapping[dg.AssetKey, dg.AssetCheckSpec]:
    specs = [spec for checks in definitions.asset_checks or [] for spec in checks.check_specs]
    return {spec.asset_key: spec for spec in specs if spec.name == name}


def _delivered(home: Settings, source: str, stream: str, age: timedelta) -> None:
    at = datetime.now(UTC).replace(tzinfo=None) - age
    entry = LedgerEntry(f"{stream}{age}", source, stream, f"{age}.csv", 1, 1, str(age), "landed", at, row_count=3)
    with open_warehouse(home.warehouse) as connection:
        create_ledger(connection)
        record_entries(connection, [entry])


def _reported(cursor: str | None) -> tuple[dict[str, tuple[bool, str]], str | None]:
    answer = freshness_sensor()(dg.build_sensor_context(cursor=cursor))
    assert isinstance(answer, dg.SensorResult)
    events = [event for event in answer.asset_events if isinstance(event, dg.AssetCheckEvaluation)]
    return {event.asset_key.path[-1]: (event.passed, event.severity.value) for event in events}, answer.cursor


def test_the_job_of_a_source_lands_it_alone_and_builds_all_that_follows(definitions: dg.Definitions) -> None:
    sync = definitions.resolve_job_def("sync").asset_layer.executable_asset_keys
    job = definitions.resolve_job_def("sync_support").asset_layer
    landed = {key.path[-1] for key in job.executable_asset_keys if key.path[0] == "landing"}
    assert landed == {stream.table for stream in shipped_streams() if stream.source == "support"}
    rest = {key for key in sync if key.path[0] in LATER}
    assert {key for key in job.executable_asset_keys if key.path[0] in LATER} == rest


def test_every_gate_of_landing_is_evaluated_by_the_job_of_a_source(definitions: dg.Definitions) -> None:
    checks = definitions.resolve_job_def("sync_support").asset_layer.asset_graph.asset_check_keys
    gates = {key.asset_key.path[-1] for key in checks if key.name == "gate" and key.asset_key.path[0] == "landing"}
    assert gates == {stream.table for stream in shipped_streams()}


def test_a_declared_schedule_starts_the_job_of_its_source_and_begins_stopped(definitions: dg.Definitions) -> None:
    schedules = {each.name: each for each in definitions.schedules or [] if isinstance(each, dg.ScheduleDefinition)}
    for source in declared_sources():
        schedule = schedules[f"sync_{source.name}_schedule"]
        assert source.schedule is not None
        assert (schedule.job_name, schedule.cron_schedule) == (f"sync_{source.name}", source.schedule.cron)
        assert (schedule.execution_timezone, schedule.default_status.value) == ("UTC", "STOPPED")


def test_a_tick_says_what_triggered_the_run_and_a_paused_source_is_skipped(
    definitions: dg.Definitions, home: Settings
) -> None:
    schedule = definitions.resolve_schedule_def("sync_crm_schedule")
    (request,) = schedule.evaluate_tick(dg.build_schedule_context()).run_requests or []
    assert request.tags["cdp/trigger"] == "schedule"
    assert request.tags["cdp/source"] == "crm"
    pause_source(home, "crm")
    skipped = schedule.evaluate_tick(dg.build_schedule_context())
    assert not skipped.run_requests
    assert "crm is paused since" in str(skipped.skip_message)


@pytest.mark.parametrize(
    ("tags", "trigger"),
    [
        ({"dagster/schedule_name": "hourly_sync"}, "schedule"),
        ({"dagster/sensor_name": "inbox_sensor"}, "sensor"),
        ({"user": "ada"}, "hand"),
    ],
)
def test_a_run_is_triggered_by_a_schedule_a_sensor_or_a_hand(tags: dict[str, str], trigger: str) -> None:
    assert trigger_of(tags) == trigger


def test_assets_made_of_one_source_carry_its_tag_and_owner(definitions: dg.Definitions) -> None:
    specs = {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}
    for stream in shipped_streams():
        for name in (f"landing/{stream.table}", f"staging/{stream.staging_model}"):
            assert specs[name].tags["source"] == stream.source
            assert list(specs[name].owners) == [stream.owner]
    assert "source" not in specs["staging/person_records"].tags


def test_a_source_that_is_not_declared_is_named_with_those_that_are(home: Settings) -> None:
    assert home.home.exists()
    context = dg.build_init_resource_context()
    with (
        pytest.raises(UnknownSourceError, match="'crn' is no source of this home; expected one of crm, ecommerce"),
        Home(sources=["crn"]).yield_for_execution(context),
    ):
        pass


def test_a_run_that_asks_for_an_unknown_source_is_not_started_again(home: Settings) -> None:
    assert home.home.exists()

    @dg.op
    def look(home: Home) -> None:
        assert home.settings

    @dg.job(resource_defs={"home": Home.configure_at_launch()})
    def looking() -> None:
        look()

    instance = dg.DagsterInstance.ephemeral()
    config = {"resources": {"home": {"config": {"sources": ["crn"]}}}}
    looking.execute_in_process(config, instance=instance, raise_on_error=False)
    (run,) = instance.get_runs()

    assert (run.status, run.tags["dagster/max_retries"]) == (dg.DagsterRunStatus.FAILURE, "0")
    assert run.tags["cdp/trigger"] == "hand"


def test_only_the_chosen_sources_land() -> None:
    assert [Home(sources=["crm"]).lands(name) for name in ("crm", "support")] == [True, False]
    assert Home().lands("support")


def test_a_stream_with_a_freshness_has_a_check_that_stops_nothing(definitions: dg.Definitions) -> None:
    checks = _checks(definitions, IN_TIME)
    assert {key.path[-1] for key in checks} == {stream.table for stream in shipped_streams() if stream.freshness}
    assert not any(spec.blocking for spec in [*checks.values(), *_checks(definitions, UNREAD).values()])


def test_the_sensor_reports_a_stream_that_becomes_late_overdue_and_delivers_again(home: Settings) -> None:
    _delivered(home, "crm", "contacts", timedelta(hours=1))
    found, cursor = _reported(None)
    assert found["crm_contacts"] == (True, "WARN")
    assert _reported(cursor)[0] == {}
    late, overdue = '"crm_contacts": "late"', '"crm_contacts": "overdue"'
    assert cursor is not None
    for state in (late, overdue):
        before = cursor.replace('"crm_contacts": "in time"', state)
        assert _reported(before)[0] == {"crm_contacts": (True, "WARN")}


@pytest.mark.parametrize(("age", "severity"), [(timedelta(days=3), "WARN"), (timedelta(days=8), "ERROR")])
def test_the_sensor_warns_of_a_late_stream_and_fails_an_overdue_one(
    home: Settings, age: timedelta, severity: str
) -> None:
    _delivered(home, "support", "tickets", age)
    assert _reported(None)[0]["support_tickets"] == (False, severity)


def test_the_sensor_runs_without_being_started() -> None:
    assert freshness_sensor().default_status is dg.DefaultSensorStatus.RUNNING


def test_the_sensor_has_nothing_to_report_of_a_new_home(home: Settings) -> None:
    assert not home.warehouse.exists()
    assert isinstance(freshness_sensor()(dg.build_sensor_context()), dg.SkipReason)


def test_folders_that_no_stream_reads_warn_and_their_names_are_no_markup() -> None:
    crm = declared_sources()[0]
    result = unread_result(crm, [UnreadFolder("crm/<b>x</b>", 2, None), UnreadFolder("crm/contcts", 1, "crm/contacts")])
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert str(result.description).startswith("3 files are not read")
    listed = result.metadata["folders"]
    assert isinstance(listed, dg.TextMetadataValue)
    assert "crm/contcts: 1 file is not read; did you mean crm/contacts?" in str(listed.value)
    assert unread_result(crm, []).passed
