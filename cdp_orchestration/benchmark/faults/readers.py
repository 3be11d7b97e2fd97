"""Sixteen readers through three syncs, a rollback and a prune: none sees an error, or tables of two releases.

Each is a process of its own with nothing but ``cdp_orchestration.reader``. Every other one opens the home anew for each
look; the others hold the release that they opened over several looks, while it becomes old and is due to be pruned.
"""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from cdp_orchestration.benchmark.faults.homes import FaultHomes, Tally, live_release_id
from cdp_orchestration.benchmark.faults.processes import command, run
from cdp_orchestration.demo import DROP_COUNT
from cdp_orchestration.reader import HomeReader, open_home

READERS = 16
_PAUSE_SECONDS = 1.0
_LOOKS_A_HOLD = 10
_FINGERPRINT = "select count(*)::varchar || ' ' || coalesce(bit_xor(hash(t)), 0)::varchar as found from {} t"
_STRANGERS = (
    "select count(*) as count from {table} where profile_id is not null "
    "and profile_id not in (select profile_id from profiles)"
)


def read_through_changes(homes: FaultHomes) -> Tally:
    """Let readers read while deliveries are synced, a release is gone back to and others are pruned.

    Args:
        homes: the homes.

    Returns:
        The count of looks.
    """
    tally = Tally(f"look of {READERS} readers through syncs, a rollback and a prune")
    home = homes.waiting("readers")
    stop = homes.folder / "readers.stop"
    logs = [homes.folder / f"reader_{number}.jsonl" for number in range(READERS)]
    started = [_start(home, stop, log, number % 2 == 1) for number, log in enumerate(logs)]
    changes = _change(homes, home)
    stop.touch()
    ended = [process.wait(timeout=300) for process in started]
    looks = [json.loads(line) for log in logs for line in log.read_text(encoding="utf-8").splitlines()]
    tally.tried = len(looks)
    tally.add("what the readers read through", changes)
    for look in looks:
        if look["problems"]:
            tally.add(f"a look at {look['release_id']}", look["problems"])
    tally.add("readers that ended with an error", [str(code) for code in ended if code != 0])
    tally.add("tables that two readers saw otherwise in one release", _mixed(looks))
    tally.remark = f"{len({look['release_id'] for look in looks})} releases seen"
    for file in (stop, *logs):
        file.unlink()
    homes.drop(home)
    return tally


def _change(homes: FaultHomes, home: Path) -> list[str]:
    first = live_release_id(home)
    found = _run(home, "sync")
    for drop in range(2, DROP_COUNT):
        homes.deliver_more(home, drop)
        found += _run(home, "sync")
    newest = live_release_id(home)
    found += _run(home, "releases", "rollback", first, "--why", "a fault", "--by", "faults")
    time.sleep(3 * _PAUSE_SECONDS)
    found += _run(home, "releases", "rollback", newest, "--why", "a fault", "--by", "faults")
    found += _run(home, "releases", "prune", "--keep", "1", "--keep-daily", "0")
    time.sleep(3 * _PAUSE_SECONDS)
    return found


def _run(home: Path, *arguments: str) -> list[str]:
    ended = run(command(*arguments), home)
    return [] if ended.code == 0 else [f"`cdp {' '.join(arguments)}` ended with {ended.code}: {ended.last_line}"]


def _start(home: Path, stop: Path, log: Path, holds: bool) -> subprocess.Popen[bytes]:
    module = "cdp_orchestration.benchmark.faults.readers"
    arguments = [sys.executable, "-W", "ignore", "-m", module, str(home), str(stop), "holds" if holds else "looks"]
    with log.open("wb") as file:
        return subprocess.Popen(arguments, stdout=file, env=dict(os.environ))  # noqa: S603 - no shell


def _mixed(looks: Sequence[dict[str, object]]) -> list[str]:
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for look in looks:
        tables = look["tables"]
        if isinstance(tables, dict):
            for name, fingerprint in tables.items():
                seen[str(look["release_id"]), name].add(fingerprint)
    return [f"{name} of {release_id}" for (release_id, name), found in seen.items() if len(found) > 1]


def _read_until(home: Path, stop: Path, looks: int) -> None:
    while not stop.exists():
        with open_home(home) as reader:
            for _ in range(looks):
                sys.stdout.write(json.dumps(_look(reader)) + "\n")
                sys.stdout.flush()
                time.sleep(_PAUSE_SECONDS)
                if stop.exists():
                    break


def _look(reader: HomeReader) -> dict[str, object]:
    tables = {name: str(reader.sql(_FINGERPRINT.format(name)).to_dicts()[0]["found"]) for name in reader.tables}
    problems = []
    for name in ("profile_records", "profile_metrics", "profile_identifiers", "journeys"):
        (strangers,) = reader.sql(_STRANGERS.format(table=name)).to_dicts()
        if strangers["count"]:
            problems.append(f"{name} has {strangers['count']} rows of profiles that are not in profiles")
    return {"release_id": reader.release_id, "tables": tables, "problems": problems}


if __name__ == "__main__":
    _read_until(Path(sys.argv[1]), Path(sys.argv[2]), _LOOKS_A_HOLD if sys.argv[3] == "holds" else 1)
