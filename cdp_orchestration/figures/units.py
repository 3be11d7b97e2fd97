"""The units in which people read figures, where these are kept and compared on another scale."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A unit: how a kept value is turned into it and back, and how it is written."""

    of: Callable[[float], float]
    back: Callable[[float], float]
    write: Callable[[float], str]

    def shown(self, value: float) -> str:
        """Return a kept value in this unit, for people."""
        return self.write(self.of(value))


def _as_kept(value: float) -> float:
    return value


def _percent(share: float) -> str:
    return f"{max(0.0, share):.1%}"


def _number(value: float) -> str:
    """Write a number with the digits that count: cents of small ones, no power of ten."""
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"


def _sine(angle: float) -> float:
    return math.sin(min(math.pi / 2, max(0.0, angle)))


def _angle(share: float) -> float:
    return math.asin(min(1.0, max(0.0, share)))


SHARE = Unit(_as_kept, _as_kept, _percent)
MIX = Unit(_sine, _angle, _percent)
"""Of the angle between two mixes its sine: at most so large a part of the rows would need other values to make
them equal (Fuchs and van de Graaf 1999); of two values near half and half it is the difference of their shares."""
DAYS = Unit(_as_kept, _as_kept, lambda days: f"{_number(days)} days")
DAYS_LATE = Unit(lambda days: max(0.0, days), _as_kept, DAYS.write)
NUMBER = Unit(_as_kept, _as_kept, _number)
ROWS = Unit(_as_kept, _as_kept, lambda rows: f"{rows:,.0f} rows")
LETTERS = Unit(math.exp, lambda letters: math.log(max(letters, 1e-9)), lambda letters: f"{_number(letters)} letters")
