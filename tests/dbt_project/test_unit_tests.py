"""The models' unit tests, run by dbt in a warehouse with all tables and no rows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.slow
def test_every_model_builds_without_rows_and_passes_its_unit_tests(empty_home: Settings) -> None:
    built = run_dbt(empty_home, "build", "--empty", "--resource-type", "seed", "--resource-type", "model")
    assert built.returncode == 0, built.stdout[-4000:]

    tested = run_dbt(empty_home, "test", "--select", "test_type:unit")
    assert tested.returncode == 0, tested.stdout[-4000:]
    assert "Nothing to do" not in tested.stdout
