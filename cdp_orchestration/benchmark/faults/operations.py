"""SIGKILL at random moments of what people do to a home: going back, pruning, repairing; and of a checkpoint."""

import json
import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cdp_orchestration.benchmark.faults.damages import cut, flip, largest_batch, live_folder
from cdp_orchestration.benchmark.faults.homes import FaultHomes, Tally
from cdp_orchestration.benchmark.faults.kills import kill_again_and_again
from cdp_orchestration.benchmark.faults.processes import command, run
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.release.bundle import MANIFEST, MANIFEST_COPY, copy_of_manifest

_OLD_RELEASES = 6
_CHECKPOINTED = "operations.written_to_be_killed"


def kill_operation(homes: FaultHomes, name: str, kills: int, chosen: random.Random) -> Tally:
    """Kill an operation so many times, all on one home.

    Args:
        homes: the homes.
        name: one of ``OPERATIONS``.
        kills: how many.
        chosen: chooses the moments.

    Returns:
        The count.
    """
    home = homes.synced(name)
    tally = OPERATIONS[name](homes, home, kills, chosen)
    tally.add("after the chain", [*homes.after_sync(home), *_hidden_folders(home)])
    homes.drop(home)
    return tally


def _rollbacks(homes: FaultHomes, home: Path, kills: int, chosen: random.Random) -> Tally:
    tally = Tally("SIGKILL in rollback at a random moment")
    newest, oldest = live_folder(home).name, _oldest(home)

    def go_back_or_forth() -> None:
        asked = newest if live_folder(home).name == oldest else oldest
        command("releases", "rollback", asked, "--why", "a fault", "--by", "faults")()

    seconds = run(go_back_or_forth, home).seconds
    kill_again_and_again(homes, home, tally, go_back_or_forth, kills, seconds, chosen)
    if live_folder(home).name != newest:
        homes.require(home, "releases", "rollback", newest, "--why", "a fault", "--by", "faults")
    return tally


def _prunes(homes: FaultHomes, home: Path, kills: int, chosen: random.Random) -> Tally:
    tally = Tally("SIGKILL in prune at a random moment")
    prune = command("releases", "prune", "--keep", "1", "--keep-daily", "0")
    _add_old_releases(home)
    seconds = run(prune, home).seconds
    kill_again_and_again(homes, home, tally, prune, kills, seconds, chosen, before=lambda _: _add_old_releases(home))
    homes.require(home, "releases", "prune", "--keep", "1", "--keep-daily", "0")
    return tally


def _checkpoints(homes: FaultHomes, home: Path, kills: int, chosen: random.Random) -> Tally:
    tally = Tally("SIGKILL in writing and checkpoint of the warehouse at a random moment")
    write = partial(_write_and_checkpoint, Settings(home).warehouse)
    seconds = run(write, home).seconds
    kill_again_and_again(homes, home, tally, write, kills, seconds, chosen)
    ended = run(partial(_forget_written, Settings(home).warehouse), home)
    tally.add("the warehouse after the kills", [] if ended.code == 0 else [ended.last_line])
    return tally


def _repairs(homes: FaultHomes, home: Path, kills: int, chosen: random.Random) -> Tally:
    tally = Tally("SIGKILL in repair at a random moment")
    _damage(home, whole_warehouse=True)
    trial = homes.copy_as_it_is(home, "repair on trial")
    seconds = run(command("repair"), trial).seconds
    homes.drop(trial)

    def damage_again(number: int) -> None:
        if number % 4 == 3:  # what a repair has mended meanwhile
            _damage(home, whole_warehouse=False)

    kill_again_and_again(
        homes, home, tally, command("repair"), kills, seconds, chosen, before=damage_again, is_damaged=True
    )
    repaired = run(command("repair"), home)
    tally.add("the repair after the kills", [] if repaired.code == 0 else [repaired.last_line])
    return tally


def _damage(home: Path, *, whole_warehouse: bool) -> None:
    if whole_warehouse:
        cut(Settings(home).warehouse)
    cut(largest_batch(home))
    flip(max(Settings(home).releases.glob("2*/touchpoints.parquet")))
    cut(Settings(home).releases / "CURRENT.json")


def _oldest(home: Path) -> str:
    return min(folder.name for folder in Settings(home).releases.iterdir() if (folder / MANIFEST).exists())


def _add_old_releases(home: Path) -> None:
    """Add releases of other days: copies of the oldest one under ids of their own, as its manifest is written."""
    live = live_folder(home)
    for number in range(_OLD_RELEASES):
        release_id = f"202501{number + 10}T000000Z-00000{number}"
        folder = live.parent / release_id
        if folder.exists():
            continue
        shutil.copytree(live, folder)
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) | {"release_id": release_id}
        written = json.dumps(manifest).encode()
        (folder / MANIFEST).write_bytes(written)
        (folder / MANIFEST_COPY).write_bytes(copy_of_manifest(written))


def _hidden_folders(home: Path) -> list[str]:
    left = [each.name for each in Settings(home).releases.glob(".*")]
    return [f"{len(left)} folders are left: {left[0]}"] if left else []


def _write_and_checkpoint(warehouse: Path) -> None:
    for number in range(3):
        with open_warehouse(warehouse) as connection:
            connection.execute(
                f"create or replace table {_CHECKPOINTED} as select i, md5(i::text) as h from range(50000) t(i)"
            )
            connection.execute(f"delete from {_CHECKPOINTED} where i % 3 = {number}")
            connection.execute("checkpoint")


def _forget_written(warehouse: Path) -> None:
    with open_warehouse(warehouse) as connection:
        connection.execute(f"drop table if exists {_CHECKPOINTED}")


OPERATIONS: dict[str, Callable[[FaultHomes, Path, int, random.Random], Tally]] = {
    "rollback": _rollbacks,
    "prune": _prunes,
    "checkpoint": _checkpoints,
    "repair": _repairs,
}
"""What is killed, by its word."""
