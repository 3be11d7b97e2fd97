"""Homes with a live release, made once for all tests: making one takes a minute, copying it a second."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from consenting_people import first_delivery, second_delivery
from filelock import FileLock

from cdp_orchestration.demo import DROP_COUNT, write_demo
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import create_landing_views

CUSTOMERS = 120


def deliver_first(home: Path) -> None:
    """Put the first delivery of the demo into the inbox, and that of the people who consent."""
    _deliver_demo(home, 0)
    first_delivery(home / "inbox")


def deliver_later(home: Path, *drops: int) -> None:
    """Put later deliveries of the same silos into the inbox; without numbers all that are left, and of the people."""
    _deliver_demo(home, *(drops or range(1, DROP_COUNT)))
    if not drops:
        second_delivery(home / "inbox")


def _deliver_demo(home: Path, *drops: int) -> None:
    write_demo(home / "inbox", home / "demo_truth.csv", customers=CUSTOMERS, seed=11, drops=drops)


def copy_home(source: Path, home: Path) -> Path:
    """Copy a home that no process has open, ready for deliveries and syncs, and return the copy."""
    shutil.copytree(source, home, symlinks=True)
    with open_warehouse(Settings(home).warehouse) as connection:
        # The views of landing name the files of the home where they were made.
        create_landing_views(connection, Settings(home))
    return home


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a home that the first of the processes that run the tests makes; the others wait for it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    made = folder / "made"
    with FileLock(f"{folder}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder / "home")
            made.touch()
    return folder / "home"
