"""What was repaired, and how what cannot be used is put aside."""

from dataclasses import dataclass
from pathlib import Path

_ENDING = ".damaged"


@dataclass(frozen=True)
class Repair:
    """One thing that was wrong.

    Attributes:
        what: what it is.
        found: what is wrong with it.
        done: what was done about it, or is left to do.
        is_mended: whether the home itself had what that takes; else a person has to bring something.
    """

    what: str
    found: str
    done: str
    is_mended: bool = True


def put_aside(path: Path) -> Path:
    """Rename a file, so that nothing uses it any more and a person can still look at it; return where it is now."""
    aside = path.with_name(path.name + _ENDING)
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}{_ENDING}{number}")
    path.rename(aside)
    return aside
