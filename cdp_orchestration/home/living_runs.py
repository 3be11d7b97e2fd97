"""Which runs are alive: each holds a lock file of its own for its whole life, also while it fetches or waits its turn.

The system releases the lock with the process, however that ends, and no other process can be taken for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from cdp_orchestration.home.settings import Settings

SECONDS_TO_TAKE_THE_LOCK = 120.0
"""So long after its start at most a run holds its lock."""
_SECONDS_TO_LOOK = 10.0  # who looks whether a run is alive holds its lock for a moment


@contextmanager
def living_run(settings: Settings, run_id: str) -> Iterator[None]:
    """Let a run be known as alive while the block runs."""
    lock = _lock(settings, run_id, _SECONDS_TO_LOOK)
    settings.living_runs.mkdir(parents=True, exist_ok=True)
    with lock:
        try:
            yield
        finally:
            forget_run(settings, run_id)


def is_alive(settings: Settings, run_id: str) -> bool:
    """Return whether a process holds the lock of a run; a run that has not come that far holds none yet."""
    if not (settings.living_runs / run_id).exists():
        return False
    try:
        with _lock(settings, run_id, 0):
            return False
    except Timeout:
        return True


def forget_run(settings: Settings, run_id: str) -> None:
    """Remove the lock file of a run that has ended."""
    (settings.living_runs / run_id).unlink(missing_ok=True)


def _lock(settings: Settings, run_id: str, seconds: float) -> FileLock:
    return FileLock(settings.living_runs / run_id, timeout=seconds)
