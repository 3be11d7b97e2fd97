"""Files that lie elsewhere, as a stream declares them, and what came into the inbox."""

import os
import time
from pathlib import Path

from cdp_orchestration.connectors.files.declaration import Files


def old(path: Path) -> None:
    """Let a file be older than the time for which it has to be quiet."""
    os.utime(path, (time.time() - 3600,) * 2)


def files(path: str, **more: object) -> Files:
    return Files.model_validate({"kind": "files", "path": path, **more})


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
