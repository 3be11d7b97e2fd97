"""Damages of a home as disks and people make them, and what its release holds, for tests of repair."""

import shutil
from pathlib import Path

from release_comparison import release_of

from cdp_orchestration.benchmark.faults.damages import change as change
from cdp_orchestration.benchmark.faults.damages import flipped as flipped
from cdp_orchestration.benchmark.faults.damages import half as half
from cdp_orchestration.benchmark.faults.damages import largest_batch as largest_batch
from cdp_orchestration.benchmark.faults.damages import live_folder as live_folder
from cdp_orchestration.release.bundle import ABOUT_RUNS

CLOCKS = {"loaded_at"}


def remove_releases(home: Path) -> None:
    """Remove all releases with the pointer."""
    for each in (home / "releases").iterdir():
        each.unlink() if each.is_file() else shutil.rmtree(each)


def published_rows(home: Path) -> dict[str, list[str]]:
    """Return the rows of each published table, ids of profiles included, but for tables and columns about the runs."""
    release = release_of(home)
    rows = {}
    with release.connect() as connection:
        for name, entry in release.manifest["tables"].items():
            columns = ", ".join(f'"{column["name"]}"' for column in entry["columns"] if column["name"] not in CLOCKS)
            if name not in ABOUT_RUNS:
                rows[name] = sorted(map(str, connection.execute(f"select {columns} from {name}").fetchall()))
    return rows
