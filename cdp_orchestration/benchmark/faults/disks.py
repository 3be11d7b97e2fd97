"""A full disk in each stage, and a home that can only be read: on a small file system of its own.

The file system is a tmpfs, mounted where no other process sees it, by Linux' user and mount namespaces. That takes no
rights, but a system that lets users have such namespaces (``unshare --user --map-root-user --mount``).
"""

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

from cdp_orchestration.benchmark.faults.homes import FaultHomes, Tally
from cdp_orchestration.benchmark.faults.kills import STAGES
from cdp_orchestration.benchmark.faults.processes import command, import_everything, run
from cdp_orchestration.dagster.progress import OnProgress, StageEnded, StepStarted, stage_of
from cdp_orchestration.reader import open_home

_UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")
_SPARE_MIB = 400  # what a sync of such a home needs, and more
_LEFT_BYTES = (0, 1_000_000)
_COMMANDS = (
    ("status",),
    ("doctor",),
    ("releases", "list"),
    ("sync",),
    ("repair",),
    ("releases", "prune", "--keep", "1"),
)


def strike_disk(homes: FaultHomes, how: str) -> Tally:
    """Strike a home on a file system of its own.

    Args:
        homes: the homes.
        how: ``full`` fills it in each stage of a sync; ``read-only`` makes it such.

    Returns:
        The count; a remark where the system has no namespaces for users.

    Raises:
        RuntimeError: the process in those namespaces could not end its work.
    """
    (homes.folder / how).mkdir(exist_ok=True)
    about = (str(homes.folder), str(homes.customers), str(homes.seed), how)
    arguments = [*_UNSHARE, sys.executable, "-W", "ignore", "-m", "cdp_orchestration.benchmark.faults.disks", *about]
    if not _may_have_namespaces():
        return Tally(f"disk: {how}", remark="not tried: users may have no namespaces here (unshare)")
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    (homes.folder / how).rmdir()
    if ended.returncode != 0:
        raise RuntimeError(ended.stderr[-2_000:])
    return Tally(**json.loads(ended.stdout.splitlines()[-1]))


def _may_have_namespaces() -> bool:
    if shutil.which(_UNSHARE[0]) is None:
        return False
    asked = [*_UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0  # noqa: S603 - no shell


def _main() -> None:
    folder, customers, seed, how = sys.argv[1:]
    import_everything()
    homes = FaultHomes(Path(folder), int(customers), int(seed))
    megabytes = _megabytes(homes.undisturbed) + _SPARE_MIB
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(Path(folder) / how))
    tally = _full(homes, f"{how}/home") if how == "full" else _read_only(homes, f"{how}/home")
    sys.stdout.write(json.dumps(asdict(tally)) + "\n")


def _full(homes: FaultHomes, name: str) -> Tally:
    home = homes.waiting(name)
    tally = Tally("disk full as a stage starts", remark="a tmpfs, filled to the last byte or megabyte")
    filler = home.parent / "filler"
    for number, stage in enumerate(STAGES):
        left = _LEFT_BYTES[number % len(_LEFT_BYTES)]
        ended = run(command("sync", on_progress=_fills_at(stage, filler, left)), home)
        found = [] if filler.exists() else [f"no step of {stage} was reached: {ended.last_line}"]
        if "Traceback" in ended.output:
            found.append(f"a traceback, {ended.last_line}")
        filler.unlink(missing_ok=True)
        tally.note(f"{left:,} bytes left in {stage}", [*found, *homes.problems(home)])
    tally.add("after all of them", homes.after_sync(home))
    return tally


def _read_only(homes: FaultHomes, name: str) -> Tally:
    home = homes.synced(name)
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
        file.truncate(max(filler.stat().st_size - left, 0))


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
