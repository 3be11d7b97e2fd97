"""One process writes a home; all others read releases."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from cdp_orchestration.errors import WriterBusyError


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
    lock = FileLock(path, timeout=0)
    holder = path.with_suffix(".holder.json")
    try:
        lock.acquire()
    except Timeout:
        raise WriterBusyError(_busy_message(path.parent, holder)) from None
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


def _busy_message(home: Path, holder: Path) -> str:
    try:
        found = json.loads(holder.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        found = {"pid": "unknown", "purpose": "writing", "since": "just now"}
    return (
        f"{home} is being written by process {found['pid']} ({found['purpose']}, since {found['since']}); "
        "one process writes at a time: wait until it ends, or choose another CDP_HOME"
    )
