"""The line of the processes that wait for a lock: who came first is served first.

Each waiting process has a file in the line's folder, named by its time of arrival, and holds a lock on it; the system
releases that lock with the process, so that one that was killed holds up no other.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout


@contextmanager
def place_in_line(folder: Path) -> Iterator[Path]:
    """Stand in the line while the block runs; yields the file of the place."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{time.time_ns():020d}-{os.getpid()}-{uuid4().hex[:8]}"
    lock = FileLock(place, timeout=0)
    lock.acquire()
    try:
        yield place
    finally:
        place.unlink(missing_ok=True)
        lock.release()


def is_first(place: Path) -> bool:
    """Return whether no process that still waits came earlier; the files of those that were killed are removed."""
    return not any(_is_waiting(other) for other in _earlier(place))


def _earlier(place: Path) -> list[Path]:
    return sorted(other for other in place.parent.iterdir() if other.name < place.name)


def _is_waiting(place: Path) -> bool:
    if not place.exists():
        return False
    try:
        with FileLock(place, timeout=0):
            place.unlink(missing_ok=True)
    except Timeout:
        return True
    return False
