"""Fixtures of several test modules: the command, run as a user runs it, and homes with a release."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from examples import examples
from forked_commands import run_command
from hypothesis import settings
from live_homes import copy_home, deliver_first, deliver_later, made_once

settings.register_profile("cdp", max_examples=examples(25), deadline=None)  # a loaded machine is no failure
settings.load_profile("cdp")


def pytest_configure() -> None:
    """Let a worker of pytest-xdist import pyspark, where it is installed and Great Expectations looks for it.

    pyspark ends a process whose main module has neither file nor specification. Cycles are looked for as seldom as in
    the command. Each worker has cores of its own: two that share all of them take a tenth longer.
    """
    gc.set_threshold(50_000, *gc.get_threshold()[1:])
    main = sys.modules["__main__"]
    if main.__spec__ is None and not hasattr(main, "__file__"):
        main.__spec__ = ModuleSpec("__main__", None)
    if "PYTEST_XDIST_WORKER" in os.environ and hasattr(os, "sched_setaffinity"):
        number, count = int(os.environ["PYTEST_XDIST_WORKER"][2:]), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores[number::count] or cores)


Cdp = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def cdp() -> Cdp:
    """Run the command in its own process, as a user does."""

    def run(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "CDP_HOME": str(home), "COLUMNS": "200"}
        environment.pop("DAGSTER_HOME", None)
        return run_command(arguments, environment, home.parent)

    return run


@pytest.fixture(scope="session")
def live_home(tmp_path_factory: pytest.TempPathFactory, cdp: Cdp) -> Path:
    """A home whose first delivery is live. All processes of the tests share it: copy it, never write it."""

    def make(home: Path) -> None:
        deliver_first(home)
        _sync(cdp, home)

    return made_once(tmp_path_factory, "live", make)


@pytest.fixture(scope="session")
def grown_home(live_home: Path, tmp_path_factory: pytest.TempPathFactory, cdp: Cdp) -> Path:
    """A home with a second release, of all later deliveries; shared likewise."""

    def make(home: Path) -> None:
        copy_home(live_home, home)
        deliver_later(home)
        _sync(cdp, home)

    return made_once(tmp_path_factory, "grown", make)


def _sync(cdp: Cdp, home: Path) -> None:
    synced = cdp(home, "sync")
    assert synced.returncode == 0, synced.stdout + synced.stderr


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the longest modules, so that one core does not wait for the other at the end.

    One of the first two that a run has needs no home that the other one makes.
    """
    longest = [
        "test_end_to_end",
        "test_erasure",
        "test_own_source",
        "test_resolving",
        "test_dagster_ui",
        "test_materialized_by_hand",
        "test_damaged_sync",
        "test_damaged_home",
        "test_rollback",
        "test_failed_syncs",
        "test_damaged_deliveries",
    ]
    items.sort(key=lambda item: longest.index(item.path.stem) if item.path.stem in longest else len(longest))
