"""The models' unit tests, run by dbt in a warehouse with all tables and no rows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cdp_orchestration.dbt.project import manifest
from cdp_orchestration.home.settings import PROJECT_ROOT, Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.identity_stage.tables import create_identity_tables
from cdp_orchestration.landing import create_landing_views


@pytest.fixture
def empty_home(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "home")
    with open_warehouse(settings.warehouse) as connection:
        create_landing_views(connection, settings)
        create_identity_tables(connection)
    return settings


def run_dbt(settings: Settings, *arguments: str) -> "subprocess.CompletedProcess[str]":
    folders = ["--project-dir", ".", "--profiles-dir", ".", "--target-path", str(settings.dbt_target)]
    return subprocess.run(
        [Path(sys.executable).parent / "dbt", *arguments, *folders, "--log-path", str(settings.dbt_target)],
        cwd=PROJECT_ROOT / "dbt_project",
        env={**os.environ, "CDP_WAREHOUSE": str(settings.warehouse), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        capture_output=True,
        text=True,
        check=False,
    )


def undeclared_columns(settings: Settings) -> dict[str, set[str]]:
    """By staging model the columns that are built or declared, but not both; contracts check the later stages."""
    with open_warehouse(settings.warehouse) as connection:
        rows = connection.execute("select table_name, column_name from duckdb_columns() where schema_name = 'staging'")
        built = set(rows.fetchall())
    models = [node for node in manifest()["nodes"].values() if node["resource_type"] == "model"]
    staged = [node for node in models if node["schema"] == "staging"]
    declared = {(node["name"], column) for node in staged for column in node["columns"]}
    names = {node["name"] for node in staged}
    differences = {(table, column) for table, column in built ^ declared if table in names}
    return {table: {column for other, column in differences if other == table} for table, _ in differences}


@pytest.mark.slow
def test_every_model_builds_without_a_row_has_its_declared_columns_and_passes_its_unit_tests(
    empty_home: Settings,
) -> None:
    built = run_dbt(empty_home, "build", "--empty", "--resource-type", "seed", "--resource-type", "model")
    assert built.returncode == 0, built.stdout[-4000:]

    assert undeclared_columns(empty_home) == {}

    tested = run_dbt(empty_home, "test", "--select", "test_type:unit")
    assert tested.returncode == 0, tested.stdout[-4000:]
    assert "Nothing to do" not in tested.stdout
