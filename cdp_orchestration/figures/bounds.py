"""What is usual for a figure, learned from accepted deliveries, and what is too far off to be true.

A figure and its usual value are compared on a scale on which equal steps weigh alike: the arcsine of the root for
shares (Anscombe 1948), the logarithm for amounts and counts. How far deliveries usually differ there is a guess that
each family states, drawn towards the median absolute difference of the accepted deliveries as these become more
(shrinkage with the weight of ``PRIOR_DELIVERIES``); the chance of a sample of so many rows comes on top. Usual is what
lies within 3.5 such deviations, more while the history is short. A figure is credible unless it is further off than
that, and by so much and in so many rows that readers would be harmed; of fewer rows, unless all are so, and chance
cannot explain it (``certainty.py``).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from cdp_orchestration.figures.certainty import is_sure
from cdp_orchestration.figures.families import FAMILIES, Family, shown
from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.rhythm import by_rhythm

USUAL_DEVIATIONS = 3.5
PRIOR_DELIVERIES = 6
EXACT_DIFFERENCES = 2.0
"""A difference counts as history if chance is at most so many times what deliveries differ by."""
MIN_ROWS, MIN_HARMED_ROWS = 50, 25
"""How many rows a figure must be about, and of a share how many must differ, before it can harm readers."""
MIN_HISTORY = 3
"""Accepted figures from which one without a usual value of its own is compared."""


@dataclass(frozen=True)
class Accepted:
    """An accepted figure: when it was measured, its value, and its difference from what was usual then."""

    at: datetime
    value: float
    difference: float | None = None


@dataclass(frozen=True)
class Compared:
    """A figure with its limits; ``usual`` is the middle of the usual ones."""

    figure: Figure
    usual: float | None
    low: float | None
    high: float | None
    is_usual: bool
    is_credible: bool
    difference: float | None

    @property
    def line(self) -> str:
        """The figure with its limits in one line, for people; it holds no value that a person gave."""
        found = f"{self.figure.of}, {self.figure.name} {shown(self.figure.name, self.figure.value)}"
        if self.low is None or self.high is None:
            return f"{found} ({self.figure.rows:,} rows)"
        low, high = (shown(self.figure.name, limit) for limit in (self.low, self.high))
        return f"{found} (usual {low} to {high}; {self.figure.rows:,} rows)"


def compared(figure: Figure, history: Sequence[Accepted], now: datetime) -> Compared:
    """Compare a figure by what accepted deliveries were like.

    Args:
        figure: the figure.
        history: of accepted deliveries, oldest first.
        now: the time of the delivery, in UTC; volumes have a weekday and grow.

    Returns:
        The figure with its limits; without any history and any usual value everything is usual.
    """
    family = FAMILIES[figure.name]
    to = family.scale.to
    usual, differences = figure.usual, [each.difference for each in history if each.difference is not None]
    if usual is None:
        if len(history) < MIN_HISTORY:
            return Compared(figure, None, None, None, True, True, None)
        expected, differences = by_rhythm([(each.at, to(each.value)) for each in history], now)
        usual = family.scale.back(expected)
    middle = to(usual)
    unit = figure.spread if family.in_spreads and figure.spread else 1.0
    by_chance = _by_chance(family, figure)
    between = _between(family, differences)
    deviation = unit * math.hypot(between, by_chance / unit)
    limit = USUAL_DEVIATIONS * (1 + 1 / (2 + len(history))) * deviation
    found = to(figure.value) - middle
    is_below, is_above = found < -limit, found > limit
    is_usual = not ((is_below and family.side != "above") or (is_above and family.side != "below"))
    # What the sample alone explains says nothing about how far deliveries differ.
    is_exact = by_chance <= EXACT_DIFFERENCES * family.usual_difference * unit
    difference = math.copysign(math.sqrt(max(0.0, found**2 - by_chance**2)) / unit, found) if is_exact else None
    harms = _harms(family, figure, usual, unit) or is_sure(family, figure, usual, between, abs(found) / deviation)
    return Compared(
        figure,
        usual,
        family.scale.back(middle - limit),
        family.scale.back(middle + limit),
        is_usual,
        is_usual or not figure.is_decisive or not harms,
        difference,
    )


def _between(family: Family, differences: Sequence[float]) -> float:
    guess = family.usual_difference
    if not differences:
        return guess
    found = 1.4826 * median(abs(difference) for difference in differences)
    weight = len(differences)
    return math.sqrt((PRIOR_DELIVERIES * guess**2 + weight * found**2) / (PRIOR_DELIVERIES + weight))


def _by_chance(family: Family, figure: Figure) -> float:
    of_one_row = figure.spread if family.scale.of_one_row is None else family.scale.of_one_row
    return of_one_row * math.sqrt(1 / max(1, figure.rows) + (1 / figure.usual_rows if figure.usual_rows else 0))


def _harms(family: Family, figure: Figure, usual: float, unit: float) -> bool:
    harm = family.harm_above if figure.value > usual else family.harm_below
    if harm is None:
        return False
    if figure.rows < MIN_ROWS:
        return False
    if family.steps == "share" and figure.rows * abs(figure.value - usual) < MIN_HARMED_ROWS:
        return False
    if family.steps == "factor":
        return max(figure.value, usual) >= harm * min(figure.value, usual)
    return abs(figure.value - usual) / unit >= harm
