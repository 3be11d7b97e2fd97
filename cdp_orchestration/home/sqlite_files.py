"""SQLite files that are only read: of Dagster's storage, and of what was sent."""

import os
import sys
from pathlib import Path


def address_to_read(file: Path) -> str:
    """Return the URI by which SQLite opens a file to read it, also on a file system that can only be read.

    SQLite makes a file beside one that it reads, unless it is promised that no process changes it. On such a file
    system that is so; what lies in its write-ahead log is then not seen.
    """
    is_read_only = sys.platform != "win32" and os.statvfs(file).f_flag & os.ST_RDONLY
    return f"{file.as_uri()}?mode=ro{'&immutable=1' if is_read_only else ''}"
