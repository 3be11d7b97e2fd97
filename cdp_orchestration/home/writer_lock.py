"""One process writes a home; all others read releases."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from cdp_orchestration.errors import WriterBusyError

# Long enough for a process that holds the lock for a moment only, to see whether it is free
_SECONDS_TO_WAIT = 1.0


@dataclass(frozen=True)
class Holder:
    """The process that holds the lock of a home."""

    pid: int | str
    purpose: str
    since: str


@contextmanager
def writer_lock(path: Path, purpose: str) -> Iterator[None]:
    """Hold the lock of a home while the block runs; the system releases it if the process dies.

    Args:
        path: the lock file; the holder's process id, purpose and start stand in a JSON file next to it.
        purpose: what the process does, for the message to a second writer.

    Yields:
        Nothing; the block runs while the lock is held.

    Raises:
        WriterBusyError: another process holds it; the message names that process and since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=_SECONDS_TO_WAIT)
    holder = path.with_suffix(".holder.json")
    try:
        lock.acquire()
    except Timeout:
        raise WriterBusyError(_busy_message(path)) from None
    try:
        holder.write_text(
            json.dumps(
                {
                    "pid": os.getpid(),
                    "purpose": purpose,
                    "since": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
                }
            ),
            encoding="utf-8",
        )
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def current_holder(path: Path) -> Holder | None:
    """Return the process that holds the lock of a home, None where it is free: a killed process holds it no more."""
    if not path.exists():
        return None
    try:
        with FileLock(path, timeout=0):
            return None
    except Timeout:
        return _noted_holder(path)


def _noted_holder(path: Path) -> Holder:
    try:
        return Holder(**json.loads(path.with_suffix(".holder.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, json.JSONDecodeError):
        return Holder("unknown", "writing", "just now")


def _busy_message(path: Path) -> str:
    found = _noted_holder(path)
    return (
        f"{path.parent} is being written by process {found.pid} ({found.purpose}, since {found.since}); "
        "one process writes at a time: wait until it ends, or choose another CDP_HOME"
    )
