"""A reader's hold on a release: while it reads, the release is not pruned.

The hold is a shared lock of the operating system on the manifest, so that a reader needs no right to write, and one
that is killed holds nothing. Where the system has no such locks (Windows), open files cannot be removed either.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl


def take_lease(manifest: Path) -> IO[bytes]:
    """Hold a release for reading, until the returned file is closed or the process ends.

    Args:
        manifest: the manifest of the release.

    Returns:
        The open file that holds the lease.

    Raises:
        FileNotFoundError: there is no such release, or it has just been pruned.
    """
    file = manifest.open("rb")
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_SH)
    if not manifest.exists() or not os.path.samestat(os.fstat(file.fileno()), manifest.stat()):
        file.close()
        raise FileNotFoundError(manifest)
    return file


@contextmanager
def unleased(manifest: Path) -> Iterator[bool]:
    """Keep readers from opening a release while the block runs, if none holds it.

    Args:
        manifest: the manifest of the release; one that is missing opens for no reader.

    Yields:
        Whether no reader holds it.
    """
    if sys.platform == "win32" or not manifest.is_file():
        yield True
        return
    with manifest.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
