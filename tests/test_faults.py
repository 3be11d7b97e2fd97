"""`make bench-faults` in short: kills of what people do to a home, a home that can only be read, and what it says.

Kills in the stages of a sync take minutes and run at night: ``test_kills_in_a_sync_and_damaged_files_are_survived``.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from live_homes import CUSTOMERS, copy_home, deliver_later

from cdp_orchestration.benchmark.faults.homes import Tally


@pytest.fixture(scope="module")
def struck_homes(live_home: Path, grown_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the harness keeps its homes in, made from those that the tests have anyway."""
    folder = tmp_path_factory.mktemp("faults")
    deliver_later(copy_home(live_home, folder / "waiting"))
    copy_home(grown_home, folder / "undisturbed")
    (folder / "stage_seconds.json").write_text(json.dumps({}), encoding="utf-8")
    return folder


def strike(struck_homes: Path, kills: int, *kinds: str) -> "subprocess.CompletedProcess[str]":
    options = ["--kept", str(struck_homes), "--kills", str(kills), "--customers", str(CUSTOMERS), "--seed", "11"]
    only = [word for kind in kinds for word in ("--only", kind)]
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "cdp_orchestration.benchmark.faults.run", *options, *only],
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.scenario
def test_kills_of_a_rollback_a_prune_and_a_checkpoint_and_a_read_only_home_are_survived(struck_homes: Path) -> None:
    found = strike(struck_homes, 16, "rollback", "prune", "checkpoint", "read-only")
    assert found.returncode == 0, found.stdout + found.stderr
    for kind in ("rollback", "prune", "writing and checkpoint of the warehouse"):
        assert f"SIGKILL in {kind} at a random moment: 2 of 2" in found.stdout
    assert "not survived" not in found.stdout


@pytest.mark.long
def test_kills_in_a_sync_and_damaged_files_are_survived(struck_homes: Path) -> None:
    found = strike(struck_homes, 30, "boundaries", "stages", "repair", "files", "rivals")
    assert found.returncode == 0, found.stdout + found.stderr


def test_what_was_not_survived_is_counted_and_named() -> None:
    tally = Tally("a fault")
    tally.note("the first", [])
    tally.note("the second", ["profiles: 1 rows of the undisturbed run are missing, 0 are others"])
    assert (tally.tried, tally.survived) == (2, 1)
    assert tally.problems == ["the second: profiles: 1 rows of the undisturbed run are missing, 0 are others"]
