"""What each check found, run by run, as a table that a release publishes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import pytest

from cdp_orchestration.dbt.project import manifest, published_models
from cdp_orchestration.release.bundle import published_table
from cdp_orchestration.release.times import published_type
from cdp_orchestration.stages import quality_results
from cdp_orchestration.stages.quality_results import COLUMNS, store_quality_results
from expectations import GateResult, Outcome


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema operations")
        yield connection


def _outcome(name: str = "key is filled", **changes: Any) -> Outcome:
    found = {
        "severity": "critical",
        "is_passed": True,
        "observed_value": 1.0,
        "threshold": "every row",
        "failed_row_count": 0,
        "sample_keys": (),
    }
    return Outcome(check_name=name, **{**found, **changes})


def _rows(connection: duckdb.DuckDBPyConnection, columns: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"select {columns} from operations.quality_results order by all").fetchall()


def test_each_check_is_a_row_with_what_was_found_and_no_key_of_a_row(warehouse: duckdb.DuckDBPyConnection) -> None:
    failed = _outcome(is_passed=False, observed_value=0.75, failed_row_count=5, sample_keys=("crm:contact:4711",))
    measured = _outcome("no row was refused", severity="warning", threshold="at most 0", failed_row_count=None)
    results = [
        GateResult("landing", "crm_contacts", (failed, measured)),
        GateResult("landing", "crm_contacts_figures", (_outcome("every figure is credible"),)),
    ]
    store_quality_results(warehouse, results, "run-1")
    assert _rows(warehouse, "* exclude (run_id, checked_at)") == [
        ("landing.crm_contacts", "crm_contacts", "key is filled", "critical", False, 0.75, "every row", 5),
        ("landing.crm_contacts", "crm_contacts", "no row was refused", "warning", True, 1.0, "at most 0", None),
        (
            "landing.crm_contacts_figures",
            "crm_contacts",
            "every figure is credible",
            "critical",
            True,
            1.0,
            "every row",
            0,
        ),
    ]
    assert {run for run, _ in _rows(warehouse, "run_id, checked_at")} == {"run-1"}
    assert all(isinstance(at, datetime) for _, at in _rows(warehouse, "run_id, checked_at"))


def test_what_is_no_number_and_what_could_not_be_evaluated_has_no_observed_value(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    outcomes = (
        _outcome("a text", observed_value="ada@lovelace.org"),
        _outcome("broken", is_passed=False, observed_value=None, failed_row_count=None, broken_by="CatalogException"),
    )
    store_quality_results(warehouse, [GateResult("staging", "person_records", outcomes)], "run-1")
    assert _rows(warehouse, "check_name, is_passed, observed_value") == [
        ("a text", True, None),
        ("broken", False, None),
    ]


def test_a_gate_that_a_run_evaluates_twice_has_one_row_a_check(warehouse: duckdb.DuckDBPyConnection) -> None:
    for value in (0.5, 0.75):
        store_quality_results(
            warehouse, [GateResult("staging", "interactions", (_outcome(observed_value=value),))], "run-1"
        )
        store_quality_results(warehouse, [GateResult("staging", "person_records", (_outcome(),))], "run-1")
    assert _rows(warehouse, "table_name, observed_value") == [("interactions", 0.75), ("person_records", 1.0)]


def test_the_last_runs_are_kept(warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_results, "KEPT_RUNS", 2)
    for run in ("run-1", "run-2", "run-3"):
        store_quality_results(warehouse, [GateResult("staging", "interactions", (_outcome(),))], run)
    assert _rows(warehouse, "run_id") == [("run-2",), ("run-3",)]


def test_the_table_has_the_columns_of_the_published_contract() -> None:
    published = published_table("quality_results", published_models(manifest())["quality_results"], ("run_id",))
    promised = {name: published_type(kind) for name, kind in COLUMNS.items()}
    assert {column["name"]: column["type"] for column in published.columns} == promised
    assert {column["classification"] for column in published.columns} == {"none"}
