"""Where the results of gates are kept for people."""

from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import dagster as dg
import duckdb
import great_expectations.expectations as gxe
import pytest

from cdp_orchestration.dagster.gate_pages import page_of_last_result, record_results
from cdp_orchestration.dagster.gates import gate_checks
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.stages.gate_results import read_gate_results
from expectations import Gate, check_table


@pytest.fixture
def warehouse():
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def results():
    def of(*tables):
        rows = gxe.ExpectTableRowCountToBeBetween(min_value=1, severity="warning", description="there are rows")
        with duckdb.connect() as connection:
            return [
                check_table(connection, "(select 1 as id)", Gate("staging", table, ("id",), ("id",), (rows,)))
                for table in tables
            ]

    return of


def test_one_result_leads_to_its_page_and_those_of_several_tables_to_the_first_page(results, warehouse, tmp_path):
    settings = Settings(tmp_path)

    page = record_results(warehouse, settings, results("people"), "run-1")
    first = record_results(warehouse, settings, results("people", "visits"), "run-2")

    assert (
        page.relative_to(tmp_path / "reports" / "data_docs" / "validations" / "staging" / "people").parts[0] == "run-1"
    )
    assert "there are rows" in page.read_text(encoding="utf-8")
    assert first == settings.data_docs
    assert first.is_file()
    assert page_of_last_result(settings, "staging.people").is_file()


def test_a_project_that_cannot_be_read_is_put_aside_and_written_anew(results, warehouse, tmp_path):
    settings = Settings(tmp_path)
    record_results(warehouse, settings, results("people"), "run-1")
    (tmp_path / "gx" / "great_expectations.yml").write_text("fluent_datasources: [", encoding="utf-8")

    page = record_results(warehouse, settings, results("visits"), "run-2")

    assert page.is_file()
    assert (tmp_path / "gx.damaged" / "great_expectations.yml").read_text(encoding="utf-8") == "fluent_datasources: ["
    assert "warehouse" in (tmp_path / "gx" / "great_expectations.yml").read_text(encoding="utf-8")


INTERACTIONS = (
    "interaction_id varchar, source_system varchar, source_record_type varchar, source_record_id varchar, "
    "person_record_id varchar, occurred_at timestamp, channel varchar, stage varchar, amount decimal(18, 2), "
    "currency varchar, satisfaction_score double, effort_score double, duration_minutes double, topic varchar, "
    "campaign varchar, survey_score integer, text_language varchar"
)


def test_a_check_in_dagster_links_the_page_of_its_result(tmp_path, monkeypatch):
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        connection.execute(f"create table staging.interactions ({INTERACTIONS})")
        connection.execute(
            "insert into staging.interactions by name select 'a:b:1' as interaction_id, 'a' as source_system, "
            "'b' as source_record_type, '1' as source_record_id, timestamp '2026-01-01' as occurred_at"
        )
    key = dg.AssetCheckKey(dg.AssetKey(["staging", "interactions"]), "gate")
    (gate,) = (check for check in gate_checks({}) if key in check.check_keys)
    checked = dg.Definitions(
        assets=[dg.AssetSpec(key.asset_key)], asset_checks=[gate], resources={"home": Home()}
    ).resolve_implicit_global_asset_job_def()

    (evaluation,) = checked.execute_in_process().get_asset_check_evaluations()

    assert not evaluation.passed  # its channel is not found, which is a warning
    page = Path(url2pathname(urlparse(evaluation.metadata["data_docs"].value).path))
    assert tmp_path in page.parents
    assert "channel and stage are found" in page.read_text(encoding="utf-8")
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        assert read_gate_results(connection)["staging", "interactions"].is_passed
