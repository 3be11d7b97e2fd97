"""A broken disk: each command says in a line what is wrong, and `cdp repair` with `cdp sync` brings everything back."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from home_damages import half, largest_batch, published_rows
from live_homes import copy_home

pytestmark = pytest.mark.slow

DAMAGES: dict[str, tuple[str, Callable[[bytes], bytes], tuple[tuple[str, ...], ...]]] = {
    "the warehouse is zeroed": (
        "warehouse.duckdb",
        lambda whole: b"\0" * 4096 + whole[4096:],
        (("sync",), ("status",), ("doctor",), ("quarantine", "list")),
    ),
    "the pointer is cut": ("releases/CURRENT.json", half, (("sync",), ("status",), ("releases",))),
    "the manifest is cut": ("releases/*/manifest.json", half, (("profile", "ada@example.org"),)),
}


@pytest.fixture(scope="module")
def damaged_home(live_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_home(live_home, tmp_path_factory.mktemp("damaged") / "home")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_command_that_meets_damage_names_the_repair_in_a_line(damaged_home: Path, cdp, damage: str) -> None:
    place, changed, commands = DAMAGES[damage]
    whole = {file: file.read_bytes() for file in damaged_home.glob(place)}
    for file, content in whole.items():
        file.write_bytes(changed(content))
    for command in commands:
        answered = cdp(damaged_home, *command)
        assert answered.returncode != 0, command
        assert "Traceback" not in answered.stdout + answered.stderr, (command, answered.stderr[-800:])
        assert "cdp repair" in answered.stdout + answered.stderr, (command, answered.stdout, answered.stderr)
        if command[0] not in {"status", "doctor"}:
            assert len(answered.stderr.strip().splitlines()) == 1, (command, answered.stderr)
    for file, content in whole.items():
        file.write_bytes(content)


@pytest.mark.scenario
def test_a_lost_warehouse_and_a_damaged_batch_are_built_again_with_the_same_profiles(
    live_home: Path, tmp_path: Path, cdp
) -> None:
    home = copy_home(live_home, tmp_path / "home")
    before = published_rows(home)
    (home / "warehouse.duckdb").write_bytes(b"\0" * 4096)
    (home / "releases" / "CURRENT.json").write_bytes(b'{"release')
    batch = largest_batch(home)
    batch.write_bytes(batch.read_bytes()[:-50])

    repaired = cdp(home, "repair")
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    assert "warehouse.duckdb: cannot be read as a whole" in repaired.stdout
    assert f"{batch.relative_to(home)}: cannot be read as a whole" in repaired.stdout
    assert "CURRENT.json: cannot be read" in repaired.stdout
    assert (home / "warehouse.duckdb.damaged").exists()
    # What has landed is known without the inbox, but for the batch that is lost.
    for folder in (home / "inbox").iterdir():
        if folder.name != batch.relative_to(home / "landing").parts[0]:
            shutil.rmtree(folder)

    synced = cdp(home, "sync")
    assert synced.returncode == 0, synced.stdout + synced.stderr
    after = published_rows(home)
    assert {name for name, rows in after.items() if rows != before[name]} == set()
    assert cdp(home, "repair").stdout.startswith("Nothing to repair")
