"""Every kind of damage to a home, some at once: repaired, and repaired after kills, it publishes what it would have.

``tests/test_damaged_home.py`` covers the kind every time: a lost warehouse, a cut batch and a cut pointer at once.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from home_damages import change, flipped, half, largest_batch, live_folder, published_rows, remove_releases
from live_homes import copy_home

pytestmark = pytest.mark.long

DAMAGES: dict[str, Callable[[Path], object]] = {
    "the warehouse is gone": lambda home: (home / "warehouse.duckdb").unlink(),
    "the warehouse is cut": lambda home: change(home / "warehouse.duckdb", half),
    "pages of the warehouse are flipped": lambda home: change(
        home / "warehouse.duckdb", lambda whole: flipped(whole, 5)
    ),
    "a batch is gone, another file flipped": lambda home: (
        largest_batch(home).unlink(),
        change(largest_batch(home), flipped),
    ),
    "the copy of the ledger is cut": lambda home: change(home / "landing" / "ledger.jsonl", lambda all_: all_[:-30]),
    "tables of the release are gone, cut and flipped": lambda home: (
        (live_folder(home) / "profile_history.parquet").unlink(),
        change(live_folder(home) / "touchpoints.parquet", half),
        change(live_folder(home) / "profiles.parquet", flipped),
    ),
    "the warehouse is gone and a table flipped": lambda home: (
        (home / "warehouse.duckdb").unlink(),
        change(live_folder(home) / "journeys.parquet", flipped),
    ),
    "the manifest is flipped": lambda home: change(live_folder(home) / "manifest.json", flipped),
    "the manifest and its copy are gone": lambda home: [
        file.unlink() for file in live_folder(home).glob("*manifest.json")
    ],
    "the pointer names a missing release": lambda home: (home / "releases" / "CURRENT.json").write_text(
        '{"release_id": "19990101T000000Z-000000"}', encoding="utf-8"
    ),
    "all releases are gone": remove_releases,
    "the lock is garbage, the views are cut": lambda home: (
        (home / "writer.holder.json").write_bytes(b"\xff[1]"),
        change(live_folder(home) / "cdp.duckdb", half),
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_repaired_home_publishes_what_it_would_have(grown_home: Path, tmp_path: Path, cdp, damage: str) -> None:
    home = copy_home(grown_home, tmp_path / "home")
    before = published_rows(home)
    DAMAGES[damage](home)
    repaired = cdp(home, "repair")
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    files = _files(home)
    again = cdp(home, "repair")
    assert "Traceback" not in again.stderr
    assert _files(home) == files
    synced = cdp(home, "sync")
    assert synced.returncode == 0, synced.stdout + synced.stderr
    after = published_rows(home)
    assert {name for name, rows in before.items() if rows != after[name]} == set()
    assert cdp(home, "repair").stdout.startswith("Nothing to repair")


def test_a_repair_that_is_killed_again_and_again_ends_whole(grown_home: Path, tmp_path: Path, cdp) -> None:
    home = copy_home(grown_home, tmp_path / "home")
    before = published_rows(home)
    damaged = (
        home / "warehouse.duckdb",
        largest_batch(home),
        live_folder(home) / "cdp.duckdb",
        home / "releases/CURRENT.json",
    )
    for file in damaged:
        change(file, half)
    killed = 0
    for hundredths in range(0, 300, 5):
        is_killed = _kill_repair(home, hundredths / 100)
        killed += is_killed
        if not is_killed:
            break
    assert killed > 5
    assert cdp(home, "repair").returncode == 0
    synced = cdp(home, "sync")
    assert synced.returncode == 0, synced.stdout + synced.stderr
    after = published_rows(home)
    assert {name for name, rows in before.items() if rows != after[name]} == set()


def test_what_the_inbox_has_no_more_is_named_and_can_be_given_up(grown_home: Path, tmp_path: Path, cdp) -> None:
    home = copy_home(grown_home, tmp_path / "home")
    batch = largest_batch(home)
    source, stream = batch.relative_to(home / "landing").parts[:2]
    deliveries = sorted((home / "inbox" / source / stream).iterdir())
    for delivery in deliveries:
        delivery.unlink()
    change(batch, half)
    repaired = cdp(home, "repair")
    assert repaired.returncode == 1
    named = [delivery.name for delivery in deliveries if delivery.name in repaired.stdout]
    assert named
    assert "deliver again what the inbox has no more" in repaired.stdout
    synced = cdp(home, "sync")
    assert synced.returncode == 1
    assert "Traceback" not in synced.stderr
    assert "cdp source withdraw" in synced.stderr
    for name in named:
        withdrawn = cdp(home, "source", "withdraw", f"{source}/{stream}", name)
        assert withdrawn.returncode == 0, withdrawn.stdout + withdrawn.stderr
    assert cdp(home, "repair").stdout.startswith("Nothing to repair")


_REPAIR = """
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.dbt.project import manifest
from cdp_orchestration.dbt.published_tables import growing_tables, published_tables
from cdp_orchestration.identity_stage.published import CONTINUED
from cdp_orchestration.repair import repair_home
project = manifest()
tables, continued = tuple(published_tables(project).values()), {*CONTINUED, *growing_tables(project)}
print("ready", flush=True)
list(repair_home(Settings.from_environment(), tables, continued))
"""


def _kill_repair(home: Path, seconds: float) -> bool:
    """Kill a repair so long after it began to look at the home; return whether it still ran."""
    with subprocess.Popen(
        [sys.executable, "-c", _REPAIR],
        env={**os.environ, "CDP_HOME": str(home)},
        cwd=home.parent,
        stdout=subprocess.PIPE,
        text=True,
    ) as repair:
        assert repair.stdout is not None
        assert repair.stdout.readline() == "ready\n"
        time.sleep(seconds)
        is_running = repair.poll() is None
        repair.send_signal(signal.SIGKILL)
    return is_running


def _files(home: Path) -> dict[str, bytes]:
    """Return what a repair might change: the landed files, the releases and that the warehouse is the same one."""
    folders = (home / "landing", home / "quarantine", home / "releases")
    files = {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
    return files | {path.name: b"" for path in home.glob("warehouse.duckdb*")}
