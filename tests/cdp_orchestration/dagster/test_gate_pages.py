"""Where the results of gates are kept for people."""

import duckdb
import great_expectations.expectations as gxe
import pytest

from cdp_orchestration.dagster.gate_pages import page_of_last_result, record_results
from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.settings import Settings
from expectations import Gate, check_table


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


def test_one_result_leads_to_its_page_and_several_to_the_first_page(results, tmp_path):
    settings = Settings(tmp_path)

    page = record_results(settings, results("people"), "run-1")
    first = record_results(settings, results("people", "visits"), "run-2")

    assert (
        page.relative_to(tmp_path / "reports" / "data_docs" / "validations" / "staging" / "people").parts[0] == "run-1"
    )
    assert "there are rows" in page.read_text(encoding="utf-8")
    assert first == settings.data_docs
    assert first.is_file()
    assert page_of_last_result(settings, "staging.people").is_file()


def test_a_project_that_somebody_broke_says_what_to_delete(results, tmp_path):
    settings = Settings(tmp_path)
    record_results(settings, results("people"), "run-1")
    (tmp_path / "gx" / "great_expectations.yml").write_text("fluent_datasources: [", encoding="utf-8")

    with pytest.raises(CdpError, match=rf"{tmp_path}/gx cannot be read .*Delete {tmp_path}/gx"):
        record_results(settings, results("visits"), "run-2")
