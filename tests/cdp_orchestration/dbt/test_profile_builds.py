"""A build by touched profile continues only tables that this version of the code built; others need a full refresh."""

import duckdb
import pytest

from cdp_orchestration.dbt.profile_builds import needs_full_refresh
from cdp_orchestration.home.code_version import code_version

TABLES = ("journeys.touchpoints", "journeys.journeys")


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema operations")
    return connection


def _note(warehouse: duckdb.DuckDBPyConnection, *versions: str) -> None:
    warehouse.execute(
        "create table operations.profile_table_builds (table_name varchar, built_to bigint, code_version varchar)"
    )
    for table, version in zip(TABLES, versions, strict=False):
        warehouse.execute("insert into operations.profile_table_builds values (?, 1, ?)", [table, version])


def test_a_warehouse_without_noted_builds_needs_a_full_refresh(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert needs_full_refresh(warehouse, TABLES)


def test_tables_that_this_code_built_are_built_by_touched_profile(warehouse: duckdb.DuckDBPyConnection) -> None:
    _note(warehouse, code_version("dbt"), code_version("dbt"))
    assert not needs_full_refresh(warehouse, TABLES)


@pytest.mark.parametrize(
    "versions", [(), ("here",), ("here", "other")], ids=["none", "one missing", "one by other code"]
)
def test_one_table_that_this_code_did_not_build_is_enough_for_a_full_refresh(
    warehouse: duckdb.DuckDBPyConnection, versions: tuple[str, ...]
) -> None:
    _note(warehouse, *(code_version("dbt") if version == "here" else version for version in versions))
    assert needs_full_refresh(warehouse, TABLES)
