"""What a data engineer sees of an asset, a check and a failed gate in Dagster's UI."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from dagster_dbt import DbtProject, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from cdp_orchestration.dagster.assets.identity import identity_assets
from cdp_orchestration.dagster.assets.landing import landing_assets, refused_by_reason_page, refused_files_page
from cdp_orchestration.dagster.column_schemas import COLUMN_SCHEMA, built_lineage, built_schema, release_schema
from cdp_orchestration.dagster.dbt_descriptions import (
    MAX_NAME_LENGTH,
    PlainDescriptions,
    check_name,
    with_readable_check_names,
)
from cdp_orchestration.dagster.gate_messages import Refusals, gate_description, gate_failure, gate_page
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.dbt.project import manifest
from cdp_orchestration.dbt.runs import selection
from cdp_orchestration.home.settings import DBT_PROJECT_DIR, Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing.refusals import MESSAGES
from expectations import GateResult
from expectations.results import Outcome

TOUCHPOINTS = "model.customer_data_platform.touchpoints"
STOPPED: dict[str, Any] = {
    "expectations": 12,
    "failed_critical": 1,
    "failed_warning": 1,
    "failures": [
        {"gate": "landing.crm_contacts", "severity": "warning", "failure": "fresh: found 3 days, allowed <= 2"},
        {
            "gate": "landing.crm_contacts",
            "severity": "critical",
            "failure": "unique key: found 99.00% of rows, allowed 100%; 1 failing: 003",
        },
    ],
    "report": "### landing.crm_contacts: stopped",
}
PASSED: dict[str, Any] = {**STOPPED, "failed_critical": 0, "failed_warning": 0, "failures": []}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CDP_HOME", str(tmp_path_factory.mktemp("home")))
        return with_readable_check_names(manifest())


@pytest.fixture(scope="module")
def journeys(project: Mapping[str, Any]) -> dg.AssetsDefinition:
    @dbt_assets(
        manifest=project,
        project=DbtProject(project_dir=DBT_PROJECT_DIR, profiles_dir=DBT_PROJECT_DIR),
        select=selection("journeys"),
        name="journeys_models",
        dagster_dbt_translator=PlainDescriptions(),
    )
    def models() -> Iterator[Any]:
        yield from ()

    return models


def test_a_landing_asset_lists_its_columns_with_type_and_meaning(project: Mapping[str, Any]) -> None:
    for asset in landing_assets(project):
        (spec,) = asset.specs
        columns = {column.name: column for column in spec.metadata[COLUMN_SCHEMA].columns}
        assert columns["_source_file"].type == "varchar"
        assert [name for name, column in columns.items() if not column.description] == []


def test_an_identity_asset_lists_its_columns_with_type_and_meaning(project: Mapping[str, Any]) -> None:
    specs = {spec.key.path[-1]: spec.metadata[COLUMN_SCHEMA].columns for spec in identity_assets(project).specs}
    columns = {column.name: column for column in specs["profile_assignments"]}
    assert columns["profile_id"].type == "string"
    assert [name for name, column in columns.items() if not column.description] == []
    assert {table for table, found in specs.items() if not found} == set()


def test_the_release_lists_what_its_manifest_holds_of_a_table() -> None:
    names = [column.name for column in release_schema().columns]
    assert names == ["table", "file", "rows", "sha256", "description", "columns"]


def test_a_built_model_lists_the_types_of_the_warehouse(project: Mapping[str, Any]) -> None:
    node = {"schema": "main", "name": "t", "columns": {"a": {"name": "a", "description": "The a."}}}
    with duckdb.connect(":memory:") as connection:
        connection.execute("create table t as select 1::bigint as a, 'x' as b")
        found = built_schema(connection, node)
    assert [(column.name, column.type, column.description) for column in found.columns] == [
        ("a", "bigint", "The a."),
        ("b", "varchar", None),
    ]


def test_the_lineage_of_a_column_leads_to_the_assets_of_its_tables() -> None:
    lineage = built_lineage({"amount": ["staging.orders.amount", "staging.refunds.paid.net"]})
    found = [(each.asset_key.path, each.column_name) for each in lineage.deps_by_column["amount"]]
    assert found == [(["staging", "orders"], "amount"), (["staging", "refunds"], "paid.net")]


def test_a_model_is_described_by_its_meaning_and_not_by_its_sql(journeys: dg.AssetsDefinition) -> None:
    for spec in journeys.specs:
        assert str(spec.description).startswith("One row per"), spec.key
        assert "select" not in str(spec.description).lower().split(), spec.key
        assert str(spec.metadata["model_file"].path).startswith("dbt_project/models/journeys/"), spec.key
        assert spec.metadata[COLUMN_SCHEMA].columns, spec.key


def test_every_check_of_a_model_has_a_short_name_of_its_own(project: Mapping[str, Any]) -> None:
    tests = [node for node in project["nodes"].values() if node["resource_type"] == "test"]
    names = Counter((test.get("attached_node"), test["name"]) for test in tests)
    assert [name for name, count in names.items() if count > 1] == []
    assert [test["name"] for test in tests if len(test["name"]) > MAX_NAME_LENGTH] == []


def test_a_check_is_named_and_described_by_its_rule(journeys: dg.AssetsDefinition) -> None:
    checks = {spec.name: spec for spec in journeys.check_specs if spec.asset_key.path[-1] == "touchpoints"}
    assert checks["touchpoint_id_is_filled_and_unique"].description == "touchpoint_id is filled and unique"
    assert {"rows_are_valid", "profile_id_is_in_profiles", "touchpoint_id_is_in_interactions"} <= set(checks)


def test_a_list_of_many_columns_is_cut_and_a_name_of_the_project_stays() -> None:
    columns = [f"a_column_with_a_long_name_{number}" for number in range(6)]
    generic = {"name": "never_null_x", "test_metadata": {"name": "never_null", "kwargs": {"columns": columns}}}
    assert check_name(generic) == "a_column_with_a_long_name_0_and_5_more_are_filled"
    assert check_name({**generic, "name": "consents_are_filled"}) == "consents_are_filled"


def test_the_result_of_a_dbt_test_arrives_at_the_check_with_the_readable_name(
    project: Mapping[str, Any], journeys: dg.AssetsDefinition
) -> None:
    test = next(
        each
        for each in project["nodes"].values()
        if each.get("attached_node") == TOUCHPOINTS and each["name"] == "touchpoint_id_is_filled_and_unique"
    )
    message = {
        "info": {"name": "LogTestResult", "level": "info", "invocation_id": "1"},
        "data": {
            "node_info": {
                "unique_id": test["unique_id"],
                "node_status": "pass",
                "resource_type": "test",
                "materialized": "test",
                "node_started_at": "2026-01-01T00:00:00",
                "node_finished_at": "2026-01-01T00:00:01",
                "node_path": "",
            }
        },
    }
    events = DbtCoreCliEventMessage(message, {}).to_default_asset_events(
        project, dagster_dbt_translator=PlainDescriptions()
    )
    (event,) = [each for each in events if isinstance(each, dg.AssetCheckEvaluation)]
    assert event.asset_check_key in {spec.key for spec in journeys.check_specs}


def test_a_gate_says_first_how_it_ended_and_then_the_critical_failures() -> None:
    first, second, third = gate_description(STOPPED).splitlines()
    assert first == "Stopped: 1 critical and 1 warning of 12 expectations failed."
    assert second == (
        "- critical, landing.crm_contacts: unique key: found 99.00% of rows, allowed 100%; 1 failing: 003"
    )
    assert third.startswith("- warning, landing.crm_contacts: fresh")
    assert gate_description(PASSED) == "Passed: 12 expectations."
    warned = gate_description({**PASSED, "failed_warning": 1})
    assert warned == "Passed with warnings: 1 of 12 expectations failed."


def test_a_landing_gate_counts_the_refusals_and_names_the_quarantine() -> None:
    refusals = Refusals({"not_a_date": 2, "empty_file": 1}, Path("/home/quarantine/crm/contacts"))
    assert gate_description(PASSED, refusals).splitlines()[1:] == [
        "Refused (3 rows, values and files, listed in /home/quarantine/crm/contacts):",
        "- not_a_date, 2: not a calendar date written as YYYY-MM-DD, or by the `format` that the field declares",
        "- empty_file, 1: the file has no content",
    ]


def test_the_report_opens_at_the_table_that_stopped() -> None:
    passed = Outcome("rows", "critical", True, 1.0, ">= 1", None, ())
    failed = Outcome("keys", "critical", False, 0.5, "100%", 1, ("003",), is_share=True)
    page = gate_page(
        [GateResult("release", "accounts", (passed,)), GateResult("release", "profiles", (passed, failed))]
    )
    assert page.startswith("### release.profiles: stopped")
    assert page.index("| keys |") < page.index("| rows |")


def test_a_stopped_gate_logs_its_result_fails_its_step_in_words_and_skips_what_follows() -> None:
    @dg.asset
    def landed() -> None: ...

    @dg.asset(deps=[landed])
    def staged() -> None: ...

    @dg.asset_check(asset=landed, name="gate", blocking=True)
    def gate() -> Iterator[dg.AssetCheckResult]:
        yield dg.AssetCheckResult(passed=False, description=gate_description(STOPPED), metadata={"failed_critical": 1})
        raise gate_failure(STOPPED)

    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.materialize([landed, staged, gate], instance=instance, raise_on_error=False)
        (check,) = run.get_asset_check_evaluations()
        (step,) = [event for event in run.all_events if event.is_step_failure]
        started = {event.step_key for event in run.all_events if event.is_step_start}
    assert not run.success
    assert (check.passed, check.metadata["failed_critical"].value) == (False, 1)
    assert str(check.description).startswith("Stopped: 1 critical")
    failure = step.step_failure_data
    assert step.step_key == "landed_gate"
    assert "unique key: found 99.00% of rows, allowed 100%; 1 failing: 003" in failure.user_failure_data.description
    assert failure.user_failure_data.metadata["failed_critical"].value == 1
    assert "staged" not in started


def test_refusals_are_counted_in_words_most_frequent_first() -> None:
    assert refused_by_reason_page({"empty_file": 1, "not_a_date": 1200}).splitlines()[2:] == [
        f"| not_a_date | 1,200 | {MESSAGES['not_a_date']} |",
        "| empty_file | 1 | the file has no content |",
    ]
    assert refused_by_reason_page({}) == "none"


def test_the_name_of_a_refused_file_is_no_markup() -> None:
    row = refused_files_page([("a|b`\n![x](http://example.org).csv", "empty_file")]).splitlines()
    assert len(row) == 3
    assert row[2].startswith("| `a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}")
    assert row[2].count("`") == 2


def test_a_landed_stream_shows_its_refusals_and_where_the_quarantine_lists_them(
    project: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    folder = tmp_path / "inbox" / "crm" / "contacts"
    folder.mkdir(parents=True)
    (folder / "some.csv").write_text("Id,SystemModstamp\n1,2026-01-01T00:00:00Z\n2,yesterday\n3,2026-01-01T00:00:00Z\n")
    (folder / "none.csv").write_text("")
    contacts = next(each for each in landing_assets(project) if each.key == dg.AssetKey(["landing", "crm_contacts"]))
    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.materialize([contacts], instance=instance, resources={"home": Home()})
    (landed,) = run.asset_materializations_for_node("landing__crm_contacts")
    found = {name: entry.value for name, entry in landed.metadata.items()}
    counts = {name: found[name] for name in ("rows_landed", "rows_refused", "values_refused", "files_refused")}
    assert counts == {"rows_landed": 2, "rows_refused": 1, "values_refused": 0, "files_refused": 1}
    assert "| not_a_timestamp | 1 | not an existing ISO 8601 time such as" in str(found["refused_by_reason"])
    assert "| `none.csv` | empty_file | the file has no content |" in str(found["refused_files"])
    assert found["quarantine"] == str(tmp_path / "quarantine" / "crm" / "contacts")
    assert found["seconds"] == round(float(str(found["seconds"])), 2)
    with open_warehouse(Settings.from_environment().warehouse) as connection:
        listed = connection.execute(str(found["read_the_quarantine"])).fetchall()
    assert sorted(row[3] for row in listed) == ["empty_file", "not_a_timestamp"]


def test_a_gate_names_headings_that_are_not_read_beside_the_fields_that_are_missing(tmp_path: Path) -> None:
    report = {"expectations": 5, "failed_critical": 0, "failed_warning": 0, "failures": []}
    unread = {"crm\nfile.csv": (("Mobile",), tuple(f"Field{number}" for number in range(14)))}
    lines = gate_description(report, Refusals({}, tmp_path, unread)).splitlines()
    assert lines[-1].startswith("- crm\N{REPLACEMENT CHARACTER}file.csv: not read Mobile; missing Field0, Field1,")
    assert lines[-1].endswith(", Field11 and 2 more")
