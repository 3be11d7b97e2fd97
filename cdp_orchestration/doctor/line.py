"""The result of one check."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "fail"]
EXIT_CODES: dict[Verdict, int] = {"ok": 0, "warn": 1, "fail": 2}


@dataclass(frozen=True)
class Line:
    """What one check found: ``remedy`` is what to do, None where it is ok."""

    check: str
    verdict: Verdict
    found: str
    remedy: str | None = None


def ok(check: str, found: str) -> Line:
    """Return that a check has nothing to say but what it found."""
    return Line(check, "ok", found)


def warn(check: str, found: str, remedy: str) -> Line:
    """Return that the home works, and something should be done."""
    return Line(check, "warn", found, remedy)


def fail(check: str, found: str, remedy: str) -> Line:
    """Return that something does not work until it is mended."""
    return Line(check, "fail", found, remedy)


def worst(lines: Iterable[Line]) -> Verdict:
    """Return the worst verdict of some lines."""
    return max((line.verdict for line in lines), key=lambda verdict: EXIT_CODES[verdict], default="ok")
