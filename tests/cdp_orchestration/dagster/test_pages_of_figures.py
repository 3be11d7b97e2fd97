"""A check that also compares links the worse of its two pages, and the page of its figures follows the warehouse."""

import duckdb
import pytest

from cdp_orchestration.dagster.gate_pages import record_results
from cdp_orchestration.figures.acceptance import accept_run
from cdp_orchestration.figures.bounds import Compared
from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.store import store_figures
from cdp_orchestration.home.settings import Settings
from expectations import check_table, figures_gate, landing_gate

SUBJECT = "landing.crm_contacts"
COLUMNS = "'k' as \"Id\", 'b' as _batch_id, now() as _loaded_at, 'f' as _source_file, 1 as _source_line, null as _extra"


@pytest.fixture
def warehouse():
    with duckdb.connect() as connection:
        yield connection


def _results(connection, *, is_usual=True, is_credible=True, is_key_filled=True):
    row = f"(select {COLUMNS if is_key_filled else COLUMNS.replace(chr(39) + 'k' + chr(39), 'null')})"
    figures = f"(select 'Email' as line, {is_usual} as is_usual, {is_credible} as is_credible)"
    return [
        check_table(connection, row, landing_gate("crm_contacts", ("Id",))),
        check_table(connection, figures, figures_gate("landing", "crm_contacts")),
    ]


@pytest.mark.parametrize(
    ("found", "suite"),
    [
        ({}, "crm_contacts"),
        ({"is_usual": False}, "crm_contacts_figures"),
        ({"is_usual": False, "is_credible": False}, "crm_contacts_figures"),
        ({"is_usual": False, "is_key_filled": False}, "crm_contacts"),
    ],
)
def test_a_table_that_was_checked_and_compared_leads_to_the_worse_page(warehouse, tmp_path, found, suite):
    settings = Settings(tmp_path)
    page = record_results(warehouse, settings, _results(warehouse, **found), "run-1")
    assert page.relative_to(settings.data_docs.parent).parts[:3] == ("validations", "landing", suite)
    assert f'href="../../../../../history/landing.{suite}.html"' in page.read_text(encoding="utf-8")


def test_the_page_of_figures_is_written_again_when_its_table_is_checked_again(warehouse, tmp_path):
    settings = Settings(tmp_path)
    figure = Compared(Figure("filled", "Email", 0.0, 800), 0.95, 0.85, 1.0, False, False, None)
    store_figures(warehouse, SUBJECT, "run-00001", [figure], accepted=False)
    warehouse.execute(
        "create table operations.landing_batches (batch_id varchar, source varchar, stream varchar, status varchar, "
        "loaded_at timestamp)"
    )
    record_results(warehouse, settings, _results(warehouse, is_usual=False, is_credible=False), "run-00001")
    page = settings.data_docs.parent / "history" / f"{SUBJECT}_figures.html"
    assert "waits for a person: 1" in page.read_text(encoding="utf-8")

    accept_run(warehouse, "run-00001", settings, by="ada", why="a new form")
    record_results(warehouse, settings, _results(warehouse)[:1], "run-00002")

    assert "accepted by a person: 1" in page.read_text(encoding="utf-8")
