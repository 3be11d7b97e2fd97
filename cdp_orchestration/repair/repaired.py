"""What was repaired."""

from dataclasses import dataclass


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
