"""What runs on a home: who holds its locks, and what starts syncs by itself."""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from cdp_orchestration.dagster.automation import STARTS_NO_SYNC
from cdp_orchestration.doctor.line import Line, fail, ok, warn
from cdp_orchestration.home.writer_lock import Holder, current_holder
from cdp_orchestration.landing.states.lateness import in_words

SILENT_DAEMON = timedelta(minutes=5)
LONG_WITHOUT_SYNC = timedelta(days=2)


def lock_line(name: str, holder: Holder | None, *, is_there: bool, was_left: bool) -> Line:
    """Return who holds a lock.

    Args:
        name: what the lock is for.
        holder: who holds it now.
        is_there: whether the process that it names runs on this machine.
        was_left: whether a process that is gone has left its note.
    """
    if holder is None:
        left = "; a process that held it was killed, and the next sync does its work" if was_left else ""
        return ok(name, f"free{left}")
    if holder.is_known and not is_there:
        remedy = "End the process that has the lock file open (`fuser`, `lsof`), or wait until it ends."
        return fail(name, f"held, noted by {holder}, which is gone or on another machine", remedy)
    return ok(name, f"held by {holder}")


def automation_lines(
    states: Mapping[str, bool], silent_for: timedelta | None, last_sync: timedelta | None
) -> list[Line]:
    """Return what starts syncs by itself, and whether the daemon that does so is alive.

    Args:
        states: whether each schedule and sensor is running.
        silent_for: how long ago the daemon gave a sign, None where it never did.
        last_sync: how long ago the newest sync started, None where none did.
    """
    running = [name for name, is_running in states.items() if is_running]
    stopped = [name for name, is_running in states.items() if not is_running]
    found = "; ".join(
        f"{word}: {', '.join(names)}" for word, names in (("running", running), ("stopped", stopped)) if names
    )
    if running and (silent_for is None or silent_for > SILENT_DAEMON):
        since = "never gave a sign" if silent_for is None else f"gave no sign for {in_words(silent_for)}"
        return [
            warn("schedules", f"{found}; but Dagster's daemon {since}", "Start it: `cdp dev`, or `dagster-daemon run`.")
        ]
    if not set(running) - STARTS_NO_SYNC and last_sync is not None and last_sync > LONG_WITHOUT_SYNC:
        remedy = "Start one in `cdp dev` under Automation, or let cron run `cdp sync`."
        return [warn("schedules", f"{found or 'none'}; the newest sync started {in_words(last_sync)} ago", remedy)]
    return [ok("schedules", found or "none; `cdp sync` runs when it is typed, or from cron")]


def lock_lines(lock: Path, fetch_locks: list[Path]) -> list[Line]:
    """Return a line for the writer's lock, and one for each lock of a fetch that is held."""
    lines = [_line_of("writer's lock", lock)]
    held = (_line_of(f"fetch {path.parent.name}/{path.stem}", path) for path in fetch_locks if current_holder(path))
    return [*lines, *held]


def _line_of(name: str, lock: Path) -> Line:
    holder = current_holder(lock)
    is_there = holder is not None and isinstance(holder.pid, int) and _is_running(holder.pid)
    was_left = holder is None and lock.with_suffix(".holder.json").exists()
    return lock_line(name, holder, is_there=is_there, was_left=was_left)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def age(timestamp: float | None, now: datetime) -> timedelta | None:
    """Return how long ago a time in seconds since 1970 was."""
    return None if timestamp is None else now - datetime.fromtimestamp(timestamp, now.tzinfo)
