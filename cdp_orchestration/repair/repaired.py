"""What was repaired, and how what cannot be used is put aside."""

from dataclasses import dataclass
from pathlib import Path

_ENDING = ".damaged"


@dataclass(frozen=True)
class Repair:
    """One thing that was wrong: what it is, what was found, and what was done about it or is left to do."""

    what: str
    found: str
    done: str


def put_aside(path: Path) -> Path:
    """Rename a file, so that nothing uses it any more and a person can still look at it; return where it is now."""
    aside = path.with_name(path.name + _ENDING)
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}{_ENDING}{number}")
    path.rename(aside)
    return aside
