"""A full disk in each stage, and a home that can only be read: on a small file system of its own.

The file system is a tmpfs, mounted where no other process sees it, by Linux' user and mount namespaces. That takes no
rights, but a system that lets users have such namespaces (``unshare --user --map-root-user --mount``).
"""

import json
import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

from cdp_orchestration.benchmark.fault_homes import FaultHomes, Tally
from cdp_orchestration.benchmark.fault_kills import STAGES
from cdp_orchestration.benchmark.fault_processes import command, import_everything, run
from cdp_orchestration.dagster.progress import OnProgress, StageEnded, StepStarted, stage_of
from cdp_orchestration.reader import open_home

_UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")
_SPARE_MIB = 400  # what a sync of such a home needs, and more
_LEFT_BYTES = (0, 1_000_000)
_COMMANDS = (("status",), ("doctor",), ("releases", "list"), ("sync",), ("repair",), ("releases", "prune", "--keep", "1"))


def strike_disks(homes: FaultHomes, chosen: random.Random, stages: tuple[str, ...] = STAGES) -> list[Tally]:
    """Fill the disk in each stage, then make a home read only.

    Args:
        homes: the homes.
        chosen: chooses how many bytes are left.
        stages: in which the disk is full.

    Returns:
        The counts; a remark where the system has no namespaces for users.
    """
    folder = homes.folder / "small disk"
    folder.mkdir(exist_ok=True)
    about = (str(homes.folder), str(homes.customers), str(homes.seed), str(chosen.randrange(2**31)), *stages)
    command = [*_UNSHARE, sys.executable, "-W", "ignore", "-m", "cdp_orchestration.benchmark.fault_disks", *about]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    except FileNotFoundError:
        return [Tally("disk full, read-only home", remark="not tried: no unshare")]
    if ended.returncode != 0:
        said = (ended.stderr.strip().splitlines() or ["unshare failed"])[-1]
        return [Tally("disk full, read-only home", remark=f"not tried: {said[:200]}")]
    return [Tally(**each) for each in json.loads(ended.stdout.splitlines()[-1])]


def _main() -> None:
    folder, customers, seed, moments, *stages = sys.argv[1:]
    disk = Path(folder) / "small disk"
    import_everything()
    homes = FaultHomes(Path(folder), int(customers), int(seed))
    megabytes = _megabytes(homes.undisturbed) + _SPARE_MIB
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(disk))
    home = homes.waiting("small disk/home")
    tallies = [_full(homes, home, random.Random(int(moments)), stages), _read_only(homes, home)]  # noqa: S311 - no secret
    sys.stdout.write(json.dumps([asdict(tally) for tally in tallies]) + "\n")


def _full(homes: FaultHomes, home: Path, chosen: random.Random, stages: list[str]) -> Tally:
    tally = Tally("disk full as a stage starts", remark="a tmpfs, filled to the last byte or megabyte")
    filler = home.parent / "filler"
    for stage in stages:
        left = chosen.choice(_LEFT_BYTES)
        ended = run(command("sync", on_progress=_fills_at(stage, filler, left)), home)
        found = [] if filler.exists() else [f"no step of {stage} was reached: {ended.last_line}"]
        if "Traceback" in ended.output:
            found.append(f"a traceback, {ended.last_line}")
        filler.unlink(missing_ok=True)
        tally.note(f"{left:,} bytes left in {stage}", [*found, *homes.problems(home)])
    tally.add("after all of them", homes.after_sync(home))
    return tally


def _read_only(homes: FaultHomes, home: Path) -> Tally:
    tally = Tally("command on a read-only home", remark="a mount that the system itself refuses to write")
    _run("mount", "--bind", str(home), str(home))
    _run("mount", "-o", "remount,bind,ro", str(home))
    for arguments in _COMMANDS:
        ended = run(command(*arguments), home)
        is_named = "Traceback" not in ended.output and ended.code in {0, 1, 2}
        tally.note(f"cdp {' '.join(arguments)}", [] if is_named else [f"{ended.code}: {ended.last_line}"])
    rows = run(partial(_read_all, home), home)
    tally.note("a reader", [] if rows.code == 0 and rows.result else [rows.last_line])
    _run("umount", str(home))
    tally.add("writable again", homes.after_sync(home))
    return tally


def _fills_at(stage: str, filler: Path, left: int) -> OnProgress:
    def on_progress(progress: StepStarted | StageEnded) -> None:
        if isinstance(progress, StepStarted) and stage_of(progress.step) == stage and not filler.exists():
            _fill(filler, left)

    return on_progress


def _fill(filler: Path, left: int) -> None:
    with filler.open("wb", buffering=0) as file:
        for size in (2**20, 2**12):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
        file.truncate(max(file.tell() - left, 0))


def _read_all(home: Path) -> int:
    with open_home(home) as reader:
        return sum(len(table) for table in reader.tables.values())


def _megabytes(home: Path) -> int:
    return sum(file.stat().st_size for file in home.rglob("*") if file.is_file()) // 2**20


def _run(*arguments: str) -> None:
    program = shutil.which(arguments[0]) or arguments[0]
    subprocess.run([program, *arguments[1:]], check=True, env=dict(os.environ))  # noqa: S603 - no shell


if __name__ == "__main__":
    _main()
