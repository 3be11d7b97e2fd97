"""Tables are replaced in one transaction, with their contracts enforced: macros/table_materialization.sql."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.dbt.project import QUIET, invoke
from cdp_orchestration.home.settings import DBT_PROJECT_DIR

_PROJECT = """\
name: customer_data_platform
profile: warehouse
flags: {send_anonymous_usage_stats: false}
vars: {value: 1, landed_contents: null}
on-run-start: ["{{ create_table_contents() }}"]
"""
_CONTRACTS = """\
models:
  - name: promised
    config: {materialized: table, contract: {enforced: true}}
    columns:
      - {name: number, data_type: integer, constraints: [{type: not_null}]}
"""
_PYTHON = """\
def model(dbt, session):
    dbt.config(materialized="table")
    has_former = session.execute("select count(*) from duckdb_tables() where table_name = 'computed'").fetchone()[0]
    former = session.execute(f"select coalesce(max(number), 0) from {dbt.this}").fetchone()[0] if has_former else 0
    return session.sql(f"select {former} + 1 as number")
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of a table with a contract, one without, and one in Python, each of which has been built once."""
    folder = tmp_path_factory.mktemp("tables")
    (folder / "macros").mkdir()
    (folder / "models").mkdir()
    for name in ("table_materialization.sql", "kept_tables.sql", "changed_rows.sql"):
        shutil.copy(DBT_PROJECT_DIR / "macros" / name, folder / "macros")
    shutil.copy(DBT_PROJECT_DIR / "profiles.yml", folder)
    (folder / "dbt_project.yml").write_text(_PROJECT)
    (folder / "models" / "contracts.yml").write_text(_CONTRACTS)
    (folder / "models" / "promised.sql").write_text("select {{ var('value') }} as number")
    (folder / "models" / "plain.sql").write_text(
        "{{ config(materialized='table') }} select {{ var('value') }} as number"
    )
    (folder / "models" / "computed.py").write_text(_PYTHON)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("create schema operations")
        connection.execute("create view plain as select 'a view of an earlier version' as number")
        # A run that was killed left what it had written
        connection.execute("create table computed__dbt_tmp as select 7 as number")
    assert _built(folder, "1") == {}
    return folder


def _built(project: Path, value: str) -> dict[str, str]:
    """Build all models with a value for the variable, and return the messages of those that failed."""
    variables = ["--vars", json.dumps({"value": value})]
    result = invoke([*QUIET, "run", "--project-dir", ".", "--profiles-dir", ".", *variables], project)
    assert not result.exception
    outcome = result.result
    return {each.node.name: each.message for each in outcome.results if each.status != "success"}  # type: ignore[union-attr]


def _tables(project: Path) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(project / "warehouse.duckdb")) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'main'"
            ).fetchall()
        ]
        assert connection.execute("select count(*) from duckdb_views() where not internal").fetchone() == (0,)
        return {name: connection.execute(f"from {name}").fetchall() for name in names}


def test_each_build_replaces_the_rows_of_a_table_and_leaves_no_table_beside_it(project: Path) -> None:
    computed = _tables(project)["computed"][0][0]

    assert _built(project, "2") == {}

    assert _tables(project) == {"promised": [(2,)], "plain": [(2,)], "computed": [(computed + 1,)]}  # type: ignore[operator]


def test_a_model_that_breaks_a_constraint_of_its_contract_keeps_its_former_rows(project: Path) -> None:
    former = _tables(project)["promised"]

    failed = _built(project, "null::integer")

    assert "NOT NULL" in failed["promised"]
    assert _tables(project)["promised"] == former


def test_a_model_whose_columns_differ_from_its_contract_is_refused(project: Path) -> None:
    former = _tables(project)["promised"]

    failed = _built(project, "'text'")

    assert "contract" in failed["promised"]
    assert _tables(project)["promised"] == former
