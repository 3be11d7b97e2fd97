"""What the tables of a stage held when its tests last passed, and from how many landed rows on it is noted."""

from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.stages import tested_contents
from cdp_orchestration.stages.inputs import landed_contents
from cdp_orchestration.stages.tested_contents import note_tested, read_tested


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    """A warehouse in which dbt has noted what one table holds."""
    connection = duckdb.connect()
    connection.execute("create schema operations")
    connection.execute(
        "create table operations.table_contents (table_name varchar, content varchar, built_from varchar)"
    )
    connection.execute(
        "create table operations.tested_contents "
        "(stage varchar, table_name varchar, content varchar, code_version varchar)"
    )
    connection.execute("insert into operations.table_contents values ('staging.orders', '3 17', 'abc')")
    return connection


def test_a_home_that_was_never_built_has_passed_no_test() -> None:
    assert read_tested(duckdb.connect(), "staging") == {}


def test_what_the_tables_held_is_noted_for_each_stage_alone(warehouse: duckdb.DuckDBPyConnection) -> None:
    note_tested(warehouse, "staging", {"landing.orders": "first"})
    warehouse.execute("update operations.table_contents set content = '4 18'")
    note_tested(warehouse, "journeys", {"landing.orders": "second"})

    assert read_tested(warehouse, "staging") == {"staging.orders": "3 17", "landing.orders": "first"}
    assert read_tested(warehouse, "journeys") == {"staging.orders": "4 18", "landing.orders": "second"}


def test_tests_of_other_code_have_not_passed(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_tested(warehouse, "staging", {"landing.orders": "first"})

    monkeypatch.setattr(tested_contents, "code_version", lambda *_: "other")

    assert read_tested(warehouse, "staging") == {}


def test_a_small_home_notes_nothing_and_a_large_one_names_each_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    connection = duckdb.connect()
    assert landed_contents(connection) is None
    assert "landing.ecommerce_orders" in (landed_contents(connection, from_rows=0) or {})
