"""What Dagster is given: the graph by stage, the gates, the schedule and the sensor."""

from collections import Counter

import dagster as dg
import pytest

from cdp_orchestration.dagster.code_location import build_definitions
from cdp_orchestration.dagster.jobs import hourly_schedule, inbox_sensor
from cdp_orchestration.dbt.project import manifest, published_models
from cdp_orchestration.sources import shipped_streams

STAGES = {"landing", "staging", "identity", "profiles", "journeys", "release"}


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CDP_HOME", str(tmp_path_factory.mktemp("home")))
        return build_definitions()


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> list[dg.AssetSpec]:
    return list(definitions.resolve_all_asset_specs())


def test_the_groups_are_the_stages_and_the_key_names_the_stage(specs: list[dg.AssetSpec]) -> None:
    assert {spec.group_name for spec in specs} == STAGES
    assert [spec.key for spec in specs if spec.key.path[0] != spec.group_name] == []


def test_every_asset_says_what_a_row_is_and_who_owns_it(specs: list[dg.AssetSpec]) -> None:
    pages = [dg.AssetKey(["release", "customer_360"])]
    assert [spec.key for spec in specs if "One row per" not in (spec.description or "")] == pages
    assert [spec.key for spec in specs if not spec.owners or not spec.kinds] == []


def test_every_stream_is_an_asset_that_its_staging_model_reads(specs: list[dg.AssetSpec]) -> None:
    landed = {spec.key for spec in specs if spec.group_name == "landing"}
    assert landed == {dg.AssetKey(["landing", stream.table]) for stream in shipped_streams()}
    read = Counter(dep.asset_key for spec in specs for dep in spec.deps if dep.asset_key in landed)
    assert set(read) == landed


def test_a_blocking_gate_stands_on_every_boundary(definitions: dg.Definitions) -> None:
    checks = [spec for check in definitions.asset_checks or [] for spec in check.check_specs if spec.name == "gate"]
    assert {spec.asset_key.path[0] for spec in checks} == STAGES
    assert all(spec.blocking for spec in checks)


def test_the_release_holds_every_public_model(specs: list[dg.AssetSpec]) -> None:
    (candidate,) = (spec for spec in specs if spec.key == dg.AssetKey(["release", "candidate"]))
    public = published_models(manifest())
    assert {dep.asset_key.path[-1] for dep in candidate.deps} == set(public)
    assert {"profiles", "profile_records", "profile_identifiers", "touchpoints", "journeys"} <= set(public)


def test_the_customer_report_depends_on_the_live_release(specs: list[dg.AssetSpec]) -> None:
    (page,) = (spec for spec in specs if spec.key == dg.AssetKey(["release", "customer_360"]))
    assert [dep.asset_key for dep in page.deps] == [dg.AssetKey(["release", "live"])]


def test_schedule_and_sensor_start_stopped() -> None:
    assert hourly_schedule().default_status == dg.DefaultScheduleStatus.STOPPED
    assert inbox_sensor().default_status == dg.DefaultSensorStatus.STOPPED
