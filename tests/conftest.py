"""Fixtures of several test modules: the command, run as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def cdp() -> Cdp:
    """Run the command in its own process, as a user does."""

    def run(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "CDP_HOME": str(home), "COLUMNS": "200"}
        environment.pop("DAGSTER_HOME", None)
        return subprocess.run(
            [Path(sys.executable).parent / "cdp", *arguments],
            env=environment,
            cwd=home.parent,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the longest modules, so that one core does not wait for the other at the end."""
    longest = ["test_end_to_end", "test_dagster_ui"]
    items.sort(key=lambda item: longest.index(item.path.stem) if item.path.stem in longest else len(longest))
