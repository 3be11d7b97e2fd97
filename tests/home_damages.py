"""Damages of a home as disks and people make them, and what its release holds, for tests of repair."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from release_comparison import release_of

from cdp_orchestration.release.bundle import ABOUT_RUNS

CLOCKS = {"loaded_at"}


def change(file: Path, changed: Callable[[bytes], bytes]) -> None:
    """Rewrite a file."""
    file.write_bytes(changed(file.read_bytes()))


def half(whole: bytes) -> bytes:
    """Cut in the middle."""
    return whole[: len(whole) // 2]


def flipped(whole: bytes, count: int = 1) -> bytes:
    """Flip some bytes, always the same."""
    chosen = random.Random(3)
    content = bytearray(whole)
    for _ in range(count):
        content[chosen.randrange(len(content))] ^= 255
    return bytes(content)


def largest_batch(home: Path) -> Path:
    """Return the largest file of landed rows."""
    return max(home.glob("landing/*/*/*.parquet"), key=lambda file: (file.stat().st_size, file))


def live_folder(home: Path) -> Path:
    """Return the folder of the live release."""
    pointer = json.loads((home / "releases" / "CURRENT.json").read_text(encoding="utf-8"))
    return home / "releases" / str(pointer["release_id"])


def remove_releases(home: Path) -> None:
    """Remove all releases with the pointer."""
    for each in (home / "releases").iterdir():
        each.unlink() if each.is_file() else shutil.rmtree(each)


def published_rows(home: Path) -> dict[str, list[str]]:
    """Return the rows of each published table, ids of profiles included, but for tables and columns about the runs."""
    release = release_of(home)
    rows = {}
    with release.connect() as connection:
        for name, entry in release.manifest["tables"].items():
            columns = ", ".join(f'"{column["name"]}"' for column in entry["columns"] if column["name"] not in CLOCKS)
            if name not in ABOUT_RUNS:
                rows[name] = sorted(map(str, connection.execute(f"select {columns} from {name}").fetchall()))
    return rows
