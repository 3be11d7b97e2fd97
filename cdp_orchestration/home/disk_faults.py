"""What a full disk, one that can only be read, or a damaged file of SQLite says through the libraries that met it."""

import errno
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FULL_WORDS = re.compile(r"No space left on device|database or disk is full|Disk quota exceeded")
_FULL_OR_WORSE_WORDS = re.compile(r"disk I/O error|unable to open database file")
"""Of SQLite, where it cannot make a file beside its own: on a full disk, among others."""
_FULL_BELOW_BYTES = 2**20
_DAMAGED_WORDS = re.compile(r"file is not a database|database disk image is malformed|malformed database schema")
_READ_ONLY_WORDS = re.compile(r"Read-only file system|attempt to write a readonly database")


def disk_fault(error: BaseException, home: Path) -> str | None:
    """Return that the disk of a home is full or read only, or what it holds is damaged, and what to do; else None.

    Args:
        error: of the system, of SQLite, of Dagster's storage or of DuckDB; what caused it is looked at as well.
        home: the home.

    Returns:
        A sentence without any value of the error.
    """
    for each in _with_causes(error):
        number = each.errno if isinstance(each, OSError) else None
        if number in _FULL or _FULL_WORDS.search(str(each)) or _is_full(each, home):
            return (
                f"{home}: no space is left on the disk. Free some (`cdp releases prune` removes old releases) and run "
                "the command again; the live release is as it was"
            )
        if number == errno.EROFS or _READ_ONLY_WORDS.search(str(each)):
            return f"{home} lies on a file system that can only be read; make it writable and run the command again"
        if _DAMAGED_WORDS.search(str(each)):
            return (
                f"{home}: notifications.sqlite or a database of dagster/ is cut or overwritten, expected a whole file; "
                "`cdp repair` names it and puts it aside"
            )
    return None


def _is_full(error: BaseException, home: Path) -> bool:
    return bool(_FULL_OR_WORSE_WORDS.search(str(error))) and shutil.disk_usage(home).free < _FULL_BELOW_BYTES


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__
