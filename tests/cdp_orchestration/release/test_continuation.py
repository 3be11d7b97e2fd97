"""A table that grows from release to release continues from the last release."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.release.bundle import PublishedTable, new_release_id, write_candidate
from cdp_orchestration.release.continuation import continue_from_release
from cdp_orchestration.release.publication import candidate_folder, publish
from cdp_orchestration.release.reader import live_release

HISTORY = PublishedTable(
    name="visits",
    relation="profiles.visits",
    description="One row per visit.",
    columns=(
        {"name": "visit_id", "type": "varchar", "description": "Key.", "classification": "none"},
        {"name": "tags", "type": "varchar[]", "description": "Tags.", "classification": "none"},
    ),
)


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema profiles")
    connection.execute("create table profiles.visits as select 'v1' as visit_id, ['a'] as tags")
    return connection


def _publish(warehouse: duckdb.DuckDBPyConnection, releases: Path, *tables: PublishedTable) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    release_id = new_release_id(now)
    about = {"release_id": release_id, "created_at": now.isoformat(), "previous_release_id": None}
    manifest = write_candidate(warehouse, candidate_folder(releases, release_id), tables, about)
    publish(releases, manifest, now)


def test_rows_that_a_failed_run_added_are_removed(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _publish(warehouse, tmp_path, HISTORY)
    warehouse.execute("insert into profiles.visits values ('never published', [])")
    continue_from_release(warehouse, live_release(tmp_path), [HISTORY])
    assert warehouse.execute("select * from profiles.visits").fetchall() == [("v1", ["a"])]


def test_without_a_release_that_holds_it_the_table_starts_empty(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    continue_from_release(warehouse, live_release(tmp_path), [HISTORY])
    tables = "select table_name from duckdb_tables()"
    assert warehouse.execute(tables).fetchall() == []
    warehouse.execute("create table profiles.visits as select 'v1' as visit_id, ['a'] as tags")
    _publish(warehouse, tmp_path)
    continue_from_release(warehouse, live_release(tmp_path), [HISTORY])
    assert warehouse.execute(tables).fetchall() == []


def test_the_tables_that_a_release_was_cut_from_are_left_unless_rows_were_added(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _publish(warehouse, tmp_path, HISTORY)
    warehouse.execute("alter table profiles.visits add column is_the_same_table boolean default true")
    continue_from_release(warehouse, live_release(tmp_path), [HISTORY], are_as_published=True)
    assert warehouse.execute("select * from profiles.visits").fetchall() == [("v1", ["a"], True)]
    warehouse.execute("insert into profiles.visits values ('never published', [], true)")
    continue_from_release(warehouse, live_release(tmp_path), [HISTORY], are_as_published=True)
    assert warehouse.execute("select * from profiles.visits").fetchall() == [("v1", ["a"])]


def test_a_table_that_is_gone_is_made_again_of_the_release_that_was_cut_from_it(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _publish(warehouse, tmp_path, HISTORY)
    warehouse.execute("drop table profiles.visits")
    continue_from_release(warehouse, live_release(tmp_path), [HISTORY], are_as_published=True)
    assert warehouse.execute("select * from profiles.visits").fetchall() == [("v1", ["a"])]
