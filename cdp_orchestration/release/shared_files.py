"""A table that did not change costs no second copy: the files of two releases are one on the disk."""

import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, sync_to_disk
from cdp_orchestration.release.reader import Release


def share_unchanged(folder: Path, manifest: Mapping[str, Any], former: Release, damaged: Collection[str]) -> int:
    """Let the files of a candidate be those of the release before it where they are the same, byte for byte.

    Files of releases are never written again but by ``cdp repair``, which replaces a file and changes no other.

    Args:
        folder: the candidate.
        manifest: its manifest.
        former: the release before it.
        damaged: the tables whose files in that release are not what was published.

    Returns:
        The bytes that the disk need not hold twice; 0 also where its file system knows no such links.
    """
    shared = 0
    for name, entry in manifest["tables"].items():
        known = former.manifest["tables"].get(name)
        if known is None or name in damaged or known["sha256"] != entry["sha256"]:
            continue
        with suppress(OSError):
            _link(former.folder / known["file"], folder / entry["file"])
            shared += int(entry["size_bytes"])
    sync_to_disk(folder)
    return shared


def _link(known: Path, file: Path) -> None:
    unfinished = file.with_name(file.name + UNFINISHED_ENDING)
    unfinished.unlink(missing_ok=True)
    os.link(known, unfinished)
    unfinished.replace(file)
