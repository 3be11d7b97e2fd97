"""A broken disk: each command says in a line what is wrong, and `cdp repair` with `cdp sync` brings everything back."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from live_homes import copy_home
from release_comparison import release_of

from cdp_orchestration.release.bundle import ABOUT_RUNS

pytestmark = pytest.mark.slow

COMMANDS = (
    ("sync",),
    ("status",),
    ("doctor",),
    ("profile", "nobody@example.org"),
    ("source", "list"),
    ("quarantine", "list"),
    ("gates", "list"),
    ("releases",),
)
CLOCKS = {"loaded_at"}
DAMAGES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "the warehouse is zeroed": ("warehouse.duckdb", lambda whole: b"\0" * len(whole)),
    "the warehouse is cut": ("warehouse.duckdb", lambda whole: whole[: len(whole) // 2]),
    "the warehouse is empty": ("warehouse.duckdb", lambda _: b""),
    "the pointer is cut": ("releases/CURRENT.json", lambda whole: whole[:9]),
    "the manifest is zeroed": ("releases/*/manifest.json", lambda whole: b"\0" * len(whole)),
    "a published table is cut": ("releases/*/profiles.parquet", lambda whole: whole[:-100]),
    "the lock file is text": ("writer.lock", lambda _: b"text"),
    "the holder of the lock is cut": ("writer.holder.json", lambda whole: whole[:5]),
}


def _damage(home: Path, place: str, change: Callable[[bytes], bytes]) -> None:
    for file in home.glob(place):
        file.write_bytes(change(file.read_bytes()))


@pytest.fixture(scope="module")
def damaged_home(live_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_home(live_home, tmp_path_factory.mktemp("damaged") / "home")


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_command_answers_damage_with_a_traceback(damaged_home: Path, cdp, damage: str) -> None:
    place, change = DAMAGES[damage]
    whole = {file: file.read_bytes() for file in damaged_home.glob(place)}
    _damage(damaged_home, place, change)
    # What a sync would do to a home whose lock or table is damaged is to mend it, in a minute.
    asked = [each for each in COMMANDS if each != ("sync",) or "warehouse" in place or "CURRENT" in place]
    for command in asked:
        answered = cdp(damaged_home, *command)
        assert "Traceback" not in answered.stdout + answered.stderr, (command, answered.stderr[-800:])
        if answered.returncode and command[0] not in {"status", "doctor"}:
            assert len(answered.stderr.strip().splitlines()) == 1, (command, answered.stderr)
    for file, content in whole.items():
        file.write_bytes(content)


def test_a_whole_home_has_nothing_to_repair(damaged_home: Path, cdp) -> None:
    repaired = cdp(damaged_home, "repair")
    assert (repaired.returncode, repaired.stdout.strip()) == (
        0,
        "Nothing to repair: the warehouse, what has landed and the live release are whole.",
    )


def test_a_lost_warehouse_and_a_damaged_batch_are_built_again_with_the_same_profiles(
    live_home: Path, tmp_path: Path, cdp
) -> None:
    home = copy_home(live_home, tmp_path / "home")
    before = _tables(home)
    _damage(home, "warehouse.duckdb", lambda whole: b"\0" * len(whole))
    batch = max((home / "landing").rglob("*.parquet"), key=lambda file: file.stat().st_size)
    batch.write_bytes(batch.read_bytes()[:-50])

    repaired = cdp(home, "repair")
    assert repaired.returncode == 0, repaired.stderr
    assert "warehouse.duckdb: cannot be read as a whole" in repaired.stdout
    assert f"{batch.relative_to(home / 'landing')}: cannot be read as a whole" in repaired.stdout
    assert (home / "warehouse.duckdb.damaged").exists()
    # What has landed is known without the inbox, but for the batch that is lost.
    for folder in (home / "inbox").iterdir():
        if folder.name != batch.relative_to(home / "landing").parts[0]:
            shutil.rmtree(folder)

    synced = cdp(home, "sync")
    assert synced.returncode == 0, synced.stdout + synced.stderr
    after = _tables(home)
    assert {name for name, rows in after.items() if rows != before[name]} == set()


def _tables(home: Path) -> dict[str, list[str]]:
    """Return the rows of each published table, ids of profiles included, but for tables and columns about the runs."""
    release = release_of(home)
    connection = release.connect()
    rows = {}
    for name, entry in release.manifest["tables"].items():
        columns = ", ".join(f'"{column["name"]}"' for column in entry["columns"] if column["name"] not in CLOCKS)
        if name not in ABOUT_RUNS:
            rows[name] = sorted(map(str, connection.execute(f"select {columns} from {name}").fetchall()))
    return rows
