"""The models' unit tests, run by dbt in a warehouse with all tables and no rows."""

from pathlib import Path

import pytest

from cdp_orchestration.dbt.project import QUIET, invoke, manifest, parsed_manifest, project_arguments
from cdp_orchestration.home.settings import Settings
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


def failures_of_dbt(settings: Settings, *arguments: str) -> list[str]:
    """Run dbt in this process, where the project is parsed once; return what failed, or that nothing was done."""
    places = ["--target-path", str(settings.dbt_target), "--log-path", str(settings.dbt_target)]
    ran = invoke([*QUIET, *arguments, *project_arguments(), *places], settings.home, manifest=parsed_manifest())
    if ran.exception:
        return [str(ran.exception)]
    results = list(ran.result.results)  # type: ignore[union-attr] # of a build or a test
    failed = [f"{each.node.name}: {each.message}" for each in results if each.status not in {"success", "pass"}]
    return failed or ([] if results else ["nothing was done"])


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
    assert failures_of_dbt(empty_home, "build", "--empty", "--resource-type", "seed", "--resource-type", "model") == []
    assert undeclared_columns(empty_home) == {}
    assert failures_of_dbt(empty_home, "test", "--select", "test_type:unit") == []
