"""A build keeps the tables whose inputs are those of their last build, and no others: macros/kept_tables.sql.

Likewise with tests that have passed on just what they would read: macros/kept_tests.sql. Of a table that is built, the
changed rows alone are written: macros/changed_rows.sql.
"""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, cast

import duckdb
import pytest

from cdp_orchestration.dbt.project import QUIET, invoke
from cdp_orchestration.home.settings import DBT_PROJECT_DIR

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_PROJECT = """\
name: customer_data_platform
profile: warehouse
flags: {send_anonymous_usage_stats: false}
vars: {landed_contents: null, tested_contents: null, compared_from_rows: 0, code_version: by hand}
on-run-start: ["{{ create_table_contents() }}"]
models: {+schema: staging}
"""
_MACROS = ("changed_rows", "generate_schema_name", "kept_tables", "kept_tests", "table_materialization")
_MODELS = {
    "staged.sql": "select id, upper(name) as name from {{ source('landing', 'people') }}",
    "ids.sql": "select id from {{ ref('staged') }}",
    "seen.sql": "{{ config(materialized='view') }} select id from {{ ref('ids') }}",
    "counted.sql": "select count(*) as people from {{ ref('seen') }}",
    "grown.sql": "{{ config(materialized='incremental') }} select id from {{ ref('ids') }}",
    "behind_grown.sql": "select count(*) as people from {{ ref('grown') }}",
    "computed.py": "def model(dbt, session):\n    return dbt.ref('ids').aggregate('max(id) as newest')\n",
}
_DECLARED = """\
sources: [{name: landing, schema: landing, tables: [{name: people}]}]
models:
  - {name: staged, columns: [{name: name, data_tests: [not_null]}]}
  - {name: ids, columns: [{name: id, data_tests: [unique, {not_null: {config: {severity: warn}}}]}]}
"""
_ALWAYS_BUILT = {"seen", "grown", "behind_grown"}
_TABLES = {"staged", "ids", "counted", "computed"}


class Built:
    """A project whose models have been built once, from one delivery; ``manifest`` is the project, parsed."""

    def __init__(self, folder: Path, manifest: "Manifest") -> None:
        self.folder, self.manifest = folder, manifest

    def execute(self, *statements: str) -> None:
        with duckdb.connect(str(self.folder / "warehouse.duckdb")) as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, table: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb")) as connection:
            return connection.execute(f"from staging.{table} order by all").fetchall()

    def contents(self) -> dict[str, str]:
        """Return what each table holds, as the builds have noted it."""
        with duckdb.connect(str(self.folder / "warehouse.duckdb")) as connection:
            return dict(connection.execute("select table_name, content from operations.table_contents").fetchall())

    def made(
        self, landed: str | None = "first", code: str = "c1", *options: str, tested: dict[str, str] | None = None
    ) -> set[str]:
        """Build, and return the models that were built."""
        contents = {"landing.people": landed} if landed else None
        variables = json.dumps({"landed_contents": contents, "tested_contents": tested, "code_version": code})
        places = ["--project-dir", ".", "--profiles-dir", ".", "--vars", variables, *options]
        result = invoke([*QUIET, "build", *places], self.folder, manifest=self.manifest)
        assert not result.exception
        outcome = result.result.results  # type: ignore[union-attr]
        self.failed = {each.node.name for each in outcome if each.status in ("fail", "error")}
        self.warned = {each.node.name for each in outcome if each.status == "warn"}
        models = [each for each in outcome if each.node.resource_type == "model"]
        return {str(each.node.name) for each in models if each.message != "kept"}


def _write_project(folder: Path) -> None:
    (folder / "models").mkdir(parents=True)
    (folder / "macros").mkdir()
    for name in _MACROS:
        shutil.copy(DBT_PROJECT_DIR / "macros" / f"{name}.sql", folder / "macros")
    shutil.copy(DBT_PROJECT_DIR / "profiles.yml", folder)
    (folder / "dbt_project.yml").write_text(_PROJECT)
    (folder / "models" / "declared.yml").write_text(_DECLARED)
    for name, text in _MODELS.items():
        is_table = name.endswith(".sql") and "config" not in text
        (folder / "models" / name).write_text("{{ config(materialized='table') }} " * is_table + text)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The project that every test has a copy of: to parse and build it takes longer than what a test tries."""
    folder = tmp_path_factory.mktemp("kept") / "project"
    _write_project(folder)
    parsed = invoke([*QUIET, "parse", "--project-dir", ".", "--profiles-dir", "."], folder)
    first = Built(folder, cast("Manifest", parsed.result))
    first.execute(
        "create schema landing", "create schema operations", "create table landing.people (id int, name text)"
    )
    first.execute("insert into landing.people values (1, 'ann'), (2, 'bob')")
    assert first.made() == {*_ALWAYS_BUILT, *_TABLES}
    return first


@pytest.fixture
def built(first: Built, tmp_path: Path) -> Built:
    return Built(shutil.copytree(first.folder, tmp_path / "project"), first.manifest)


def test_a_second_build_of_the_same_inputs_keeps_every_table(built: Built) -> None:
    assert built.made() == _ALWAYS_BUILT


def test_tables_behind_one_whose_rows_came_out_as_before_are_kept(built: Built) -> None:
    built.execute("update landing.people set name = 'Eve' where id = 2")

    assert built.made("second") == {*_ALWAYS_BUILT, "staged", "ids"}
    assert built.rows("staged") == [(1, "ANN"), (2, "EVE")]


def test_a_changed_row_is_followed_by_all_that_read_it_also_through_a_view_and_in_python(built: Built) -> None:
    built.execute("insert into landing.people values (3, 'Eve')")

    assert built.made("second") == {*_ALWAYS_BUILT, *_TABLES}
    assert (built.rows("counted"), built.rows("computed")) == ([(3,)], [(3,)])


def test_a_deleted_row_changes_a_table_as_well(built: Built) -> None:
    built.execute("delete from landing.people where id = 2")

    built.made("second")

    assert (built.rows("counted"), built.rows("computed")) == ([(1,)], [(1,)])


def test_other_code_and_a_full_refresh_build_everything(built: Built) -> None:
    everything = {*_ALWAYS_BUILT, *_TABLES}
    assert built.made(code="c2") == everything
    assert built.made("first", "c2", "--full-refresh") == everything
    assert built.made(code="c2") == _ALWAYS_BUILT


def test_a_build_by_hand_builds_what_was_selected_and_the_next_one_does_not_trust_it(built: Built) -> None:
    everything = {*_ALWAYS_BUILT, *_TABLES}
    assert built.made(None) == everything
    assert built.made() == everything


def test_a_test_that_fails_fails_again_on_a_kept_table(built: Built) -> None:
    built.execute("insert into landing.people values (1, 'Eve')")
    built.made("second")
    assert built.failed == {"unique_ids_id"}

    assert "ids" not in built.made("second")
    assert built.failed == {"unique_ids_id"}


def test_a_table_that_is_gone_is_built(built: Built) -> None:
    built.execute("drop table staging.staged")

    assert "staged" in built.made()
    assert built.rows("staged") == [(1, "ANN"), (2, "BOB")]


def test_a_test_that_has_passed_on_what_it_would_read_is_not_run_again(built: Built) -> None:
    tested = built.contents()
    built.execute("insert into staging.ids values (1)")  # which no build has noted

    built.made(tested=tested)
    assert built.failed == set()

    built.made()
    assert built.failed == {"unique_ids_id"}


def test_a_test_is_run_again_when_a_row_has_changed(built: Built) -> None:
    tested = built.contents()
    built.execute("insert into landing.people values (1, 'Eve')")

    built.made("second", tested=tested)

    assert built.failed == {"unique_ids_id"}


def test_a_test_that_only_warns_warns_again_on_the_same_rows(built: Built) -> None:
    built.execute("insert into landing.people values (null, 'Eve')")
    built.made("second")
    tested = built.contents()

    built.made("second", tested=tested)

    assert built.warned == {"not_null_ids_id"}


def _stored_order(built: Built) -> list[object]:
    """Return the ids in the order in which the rows are stored: rows that are written come last."""
    with duckdb.connect(str(built.folder / "warehouse.duckdb")) as connection:
        return [id_ for (id_,) in connection.execute("select id from staging.staged order by rowid").fetchall()]


def test_only_the_changed_rows_of_a_table_are_written(built: Built) -> None:
    built.execute("insert into landing.people select range, 'cy ' || range from range(3, 40)")
    built.made("second")
    built.execute(
        "update landing.people set name = 'Eve' where id = 2",
        "delete from landing.people where id = 3",
        "insert into landing.people values (40, 'dan')",
    )

    built.made("third")

    stored = _stored_order(built)
    assert stored[:-2] == [1, *range(4, 40)]
    assert set(stored[-2:]) == {2, 40}
    assert built.rows("staged") == built_anew(built, "staged")


def test_a_table_of_which_many_rows_differ_is_written_whole(built: Built) -> None:
    built.execute("insert into landing.people select range, 'cy ' || range from range(3, 20)")
    built.made("second")
    built.execute("update landing.people set name = 'Eve' where id > 10")

    built.made("third")

    assert built.rows("staged") == built_anew(built, "staged")


def test_of_equal_rows_as_many_remain_as_there_are(built: Built) -> None:
    built.execute("insert into landing.people select 1, 'ann' from range(20)")
    built.made("second")
    assert len(built.rows("staged")) == 22
    built.execute("delete from landing.people where rowid > 10")

    built.made("third")

    assert built.rows("staged") == built_anew(built, "staged")
    assert len(built.rows("staged")) == 11


def test_a_column_of_another_type_is_stored_as_that_type(built: Built) -> None:
    built.execute("alter table landing.people alter id type bigint")

    built.made("second")

    assert built.rows("staged") == built_anew(built, "staged")
    with duckdb.connect(str(built.folder / "warehouse.duckdb")) as connection:
        assert connection.execute("select typeof(id) from staging.staged").fetchall()[0] == ("BIGINT",)


def built_anew(built: Built, table: str) -> list[tuple[object, ...]]:
    """Return the rows of a table after a full refresh of everything."""
    built.made("anew", "c1", "--full-refresh")
    return built.rows(table)
