"""A full or read-only disk in a sentence, by whichever library it is met."""

import errno
import sqlite3
from pathlib import Path

import pytest

from cdp_orchestration.home.disk_faults import disk_fault

HOME = Path("/data/cdp")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "/data/cdp/landing/x.parquet"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        sqlite3.OperationalError("database or disk is full"),
    ],
)
def test_a_full_disk_is_named_with_what_frees_it(error: Exception) -> None:
    fault = disk_fault(error, HOME)
    assert fault is not None
    assert fault.startswith("/data/cdp: no space is left on the disk. Free some (`cdp releases prune`")


def test_a_home_that_can_only_be_read_is_named() -> None:
    fault = disk_fault(OSError(errno.EROFS, "Read-only file system"), HOME)
    assert fault == "/data/cdp lies on a file system that can only be read; make it writable and run the command again"


def test_what_caused_an_error_is_looked_at_as_well() -> None:
    error = RuntimeError("could not store the event")
    error.__cause__ = sqlite3.OperationalError("database or disk is full")
    assert "no space is left" in str(disk_fault(error, HOME))


def test_any_other_error_stays_what_it_is() -> None:
    assert disk_fault(ValueError("x"), HOME) is None
    assert disk_fault(FileNotFoundError(errno.ENOENT, "No such file or directory"), HOME) is None
