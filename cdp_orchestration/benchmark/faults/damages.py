"""Damages of files as disks and people make them."""

import json
import random
from collections.abc import Callable
from pathlib import Path


def change(file: Path, changed: Callable[[bytes], bytes]) -> None:
    """Rewrite a file."""
    file.write_bytes(changed(file.read_bytes()))


def half(whole: bytes) -> bytes:
    """Cut in the middle."""
    return whole[: len(whole) // 2]


def flipped(whole: bytes, count: int = 1) -> bytes:
    """Flip some bytes, always the same."""
    chosen = random.Random(3)  # noqa: S311 - no secret
    content = bytearray(whole)
    for _ in range(count):
        content[chosen.randrange(len(content))] ^= 255
    return bytes(content)


def cut(file: Path) -> None:
    """Cut a file in the middle."""
    change(file, half)


def flip(file: Path) -> None:
    """Flip a byte of a file."""
    change(file, flipped)


def largest_batch(home: Path) -> Path:
    """Return the largest file of landed rows."""
    return max(home.glob("landing/*/*/*.parquet"), key=lambda file: (file.stat().st_size, file))


def live_folder(home: Path) -> Path:
    """Return the folder of the live release."""
    pointer = json.loads((home / "releases" / "CURRENT.json").read_text(encoding="utf-8"))
    return home / "releases" / str(pointer["release_id"])
