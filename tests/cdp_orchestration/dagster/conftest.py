"""Dagster's storage of a home, created once and copied: creating its tables takes longer than most tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.home.settings import Settings


@pytest.fixture(scope="session")
def empty_storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that Dagster has opened once; no test writes it."""
    settings = Settings(tmp_path_factory.mktemp("storage"))
    with pytest.MonkeyPatch.context() as environment:
        for variable in ("CDP_HOME", "DAGSTER_HOME"):
            environment.setenv(variable, "")
        with open_instance(settings) as opened:
            opened.get_runs()
    return settings.dagster_home


@pytest.fixture
def instance(settings: Settings, empty_storage: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's storage of the test's home."""
    shutil.copytree(empty_storage, settings.dagster_home, dirs_exist_ok=True)
    with open_instance(settings) as opened:
        yield opened
