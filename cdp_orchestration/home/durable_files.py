"""Files that are either complete or absent, also after a crash."""

import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

UNFINISHED_ENDING = ".tmp"
_DAMAGED_ENDING = ".damaged"


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Replace a JSON file in one step; see ``replace_file``."""
    replace_file(path, json.dumps(values, sort_keys=True).encode())


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in one step; from here on it survives a crash of the machine. Who may read it stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + UNFINISHED_ENDING)
    unfinished.write_bytes(content)
    put_in_place(unfinished, path)


def put_in_place(unfinished: Path, path: Path) -> None:
    """Let a file that is whole take the place of another, beside it, in one step. Who may read that one stays."""
    if path.exists():
        _take_over_permissions(path, unfinished)
    sync_to_disk(unfinished)
    unfinished.replace(path)
    sync_to_disk(path.parent)


def _take_over_permissions(former: Path, path: Path) -> None:
    about = former.stat()
    path.chmod(stat.S_IMODE(about.st_mode))
    if hasattr(os, "chown") and about.st_gid != path.stat().st_gid:
        os.chown(path, -1, about.st_gid)


def append_durably(path: Path, lines: Sequence[str]) -> None:
    """Append whole lines; one that a crash has cut before stays a line of its own.

    Args:
        path: the file.
        lines: each with its line break; without any nothing is written.
    """
    if not lines:
        return
    is_new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            lines = lines if file.read(1) == b"\n" else ["\n", *lines]
        file.write("".join(lines).encode())
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_to_disk(path.parent)


def remove_unfinished(folder: Path) -> None:
    """Remove the unfinished files of a killed run; the caller holds the writer's lock."""
    for path in folder.glob(f"*{UNFINISHED_ENDING}"):
        path.unlink()


def put_aside(path: Path) -> Path:
    """Rename a file or folder, so that nothing uses it any more and a person can still look at it; return its place."""
    aside = path.with_name(path.name + _DAMAGED_ENDING)
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}{_DAMAGED_ENDING}{number}")
    path.rename(aside)
    return aside


def sync_to_disk(path: Path) -> None:
    """Return once a file, or the names in a folder, would survive a crash of the machine."""
    if os.name == "nt" and path.is_dir():
        return  # Windows has no handle on a folder to sync
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
