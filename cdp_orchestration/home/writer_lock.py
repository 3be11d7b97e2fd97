"""One process writes a home; all others read releases. A second writer waits its turn."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from cdp_orchestration.errors import WriterBusyError
from cdp_orchestration.home.permissions import close_home
from cdp_orchestration.home.waiting_line import is_first, place_in_line

OnWait = Callable[[str], object]

# Long enough for a process that holds the lock for a moment only, to see whether it is free
_MIN_SECONDS_TO_WAIT = 1.0
_SECONDS_BEFORE_WORDS = 0.3
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Holder:
    """The process that holds the lock of a home."""

    pid: int | str
    purpose: str
    since: str

    @property
    def is_known(self) -> bool:
        """Whether the process has noted itself; between two holders there is none for a moment."""
        return isinstance(self.pid, int)

    def __str__(self) -> str:
        """Return the process, what it does and since when."""
        return f"process {self.pid} ({self.purpose}, since {self.since})"


@contextmanager
def writer_lock(path: Path, purpose: str, wait_seconds: float = 0.0, on_wait: OnWait | None = None) -> Iterator[None]:
    """Hold the lock of a home while the block runs; the system releases it if the process dies.

    The home is created where it is missing, and closed to other users.

    Args:
        path: the lock file; the holder's process id, purpose and start stand in a JSON file next to it.
        purpose: what the process does, for the message to a second writer.
        wait_seconds: how long to wait while others hold it; who came first has it first.
        on_wait: called with a sentence when the wait begins, and for each further process that is waited for.

    Yields:
        Nothing; the block runs while the lock is held. WriterBusyError, where another process still holds it then,
        names that process and since when.
    """
    close_home(path.parent)
    lock = FileLock(path, timeout=0)
    holder = path.with_suffix(".holder.json")
    _acquire_in_turn(lock, path, wait_seconds, on_wait)
    try:
        since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        holder.write_text(json.dumps({"pid": os.getpid(), "purpose": purpose, "since": since}), encoding="utf-8")
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


def _acquire_in_turn(lock: FileLock, path: Path, wait_seconds: float, on_wait: OnWait | None) -> None:
    now = time.monotonic()
    deadline, quiet_until = now + max(wait_seconds, _MIN_SECONDS_TO_WAIT), now + _SECONDS_BEFORE_WORDS
    named: str | None = None
    with place_in_line(path.with_suffix(".line")) as place:
        while not (is_first(place) and _is_acquired(lock)):
            if time.monotonic() > deadline:
                raise WriterBusyError(_busy_message(path))
            holder = _noted_holder(path)
            is_news = holder.is_known and str(holder) != named and time.monotonic() > quiet_until
            if on_wait and is_news:
                on_wait(f"{path.parent} is being written by {holder}; waiting for up to {wait_seconds:,.0f} s")
                named = str(holder)
            time.sleep(_POLL_SECONDS)


def _is_acquired(lock: FileLock) -> bool:
    try:
        lock.acquire()
    except Timeout:
        return False
    return True


def _noted_holder(path: Path) -> Holder:
    try:
        return Holder(**json.loads(path.with_suffix(".holder.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # not noted yet, or overwritten
        return Holder("unknown", "writing", "just now")


def _busy_message(path: Path) -> str:
    return (
        f"{path.parent} is being written by {_noted_holder(path)}; "
        "one process writes at a time: wait until it ends, or choose another CDP_HOME"
    )
