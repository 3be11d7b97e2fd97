"""What is usual for a figure, learned from accepted deliveries, and what is too far off to be true.

A figure and its usual value are compared on a scale on which equal steps weigh alike: the arcsine of the root for
shares (Anscombe 1948), the logarithm for amounts and counts. How far deliveries usually differ there is a guess that
each family states, drawn towards the median absolute difference of the accepted deliveries as these become more
(shrinkage with the weight of ``PRIOR_DELIVERIES``); the chance of a sample of so many rows comes on top. Usual is what
lies within 3.5 such deviations, more while the history is short. A figure is credible unless it is further off than
that, and by so much and in so many rows that readers would be harmed.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal

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
class Scale:
    """A scale and its inverse, and the deviation of one sampled row on it."""

    to: Callable[[float], float]
    back: Callable[[float], float]
    of_one_row: float | None = None  # None: the spread of the figure


SHARE = Scale(
    lambda share: math.asin(math.sqrt(min(1.0, max(0.0, share)))),
    lambda angle: math.sin(min(math.pi / 2, max(0.0, angle))) ** 2,
    0.5,
)
RATIO = Scale(lambda number: math.log(max(number, 1e-9)), math.exp)
PLAIN = Scale(lambda number: number, lambda number: number)


@dataclass(frozen=True)
class Family:
    """How the figures of one name are compared.

    Attributes:
        means: what the figure is, for people; it completes "the delivery's …".
        scale: the scale of comparison.
        usual_difference: how far deliveries differ, on the scale, as long as no history says it.
        harm_below: how far below the usual value it harms, in its own unit (a factor for ``RATIO``); None for never.
        harm_above: the same above.
        in_spreads: whether differences count in spreads of a single row.
        side: on which side of the usual value it can be unusual.
    """

    means: str
    scale: Scale
    usual_difference: float
    harm_below: float | None = None
    harm_above: float | None = None
    in_spreads: bool = False
    side: Literal["both", "below", "above"] = "both"


FAMILIES: dict[str, Family] = {
    "filled": Family("share of rows that have it", SHARE, 0.06, harm_below=0.25),
    "known": Family("share of new rows whose value earlier rows have", SHARE, 0.08, harm_below=0.4, side="below"),
    "commonest": Family("share of the commonest value", SHARE, 0.08, harm_above=0.3, side="above"),
    "shared": Family("share of the commonest contact, birthday or person", SHARE, 0.04, harm_above=0.2, side="above"),
    "mix": Family("difference of the mix of values from earlier rows", PLAIN, 0.1, harm_above=0.7),
    "permissions": Family("difference of the mix of permissions from earlier rows", PLAIN, 0.03, harm_above=0.15),
    "zeros": Family("share of values that begin with 0", SHARE, 0.025, harm_below=0.03, side="below"),
    "lost zeros": Family(
        "share of redelivered rows that lost zeros before it", SHARE, 0.01, harm_above=0.03, side="above"
    ),
    "misplaced": Family(
        "share of new rows whose value another field usually has", SHARE, 0.04, harm_above=0.1, side="above"
    ),
    "middle": Family("middle value", RATIO, 0.15, harm_below=3.0, harm_above=3.0),
    "score": Family("mean", PLAIN, 0.15, harm_below=1.0, harm_above=1.0, in_spreads=True),
    "age": Family("days from the time to the row's version", PLAIN, 0.15, harm_below=0.9, harm_above=0.9),
    "garbled": Family("share of texts with signs of a wrong encoding", SHARE, 0.02, harm_above=0.05, side="above"),
    "length": Family("mean of the logarithm of the length", PLAIN, 0.25, 1.5, 1.5, in_spreads=True),
    "extreme": Family(
        "share of new rows with far more or less than nearly all before", SHARE, 0.05, harm_above=0.4, side="above"
    ),
    "ended": Family("difference of the mix of new rows that have ended from earlier rows", PLAIN, 0.08, harm_above=0.6),
    "weekdays": Family("difference of the weekdays from earlier rows", PLAIN, 0.06, harm_above=0.7),
    "returned": Family("share of the former rows that came again", SHARE, 0.08, harm_below=0.25, side="below"),
    "behind": Family("days by which new rows are older than the newest before", PLAIN, 10.0, side="above"),
    "hours": Family("difference of the hours of the day from earlier rows", PLAIN, 0.05, harm_above=0.7),
    "altered": Family(
        "share of redelivered rows in which what never changes did", SHARE, 0.08, harm_above=0.15, side="above"
    ),
    "emptied": Family("share of redelivered rows that lost it", SHARE, 0.08, harm_above=0.25, side="above"),
    "changed": Family("share of redelivered rows in which it changed", SHARE, 0.12, harm_above=0.5, side="above"),
    "went back": Family(
        "share of redelivered rows with the content of an older version", SHARE, 0.1, harm_above=0.5, side="above"
    ),
    "copies": Family("share of new rows with the content of another row", SHARE, 0.08, harm_above=0.3, side="above"),
    "corrected": Family("share of rows with a corrected time", SHARE, 0.06, harm_above=0.3, side="above"),
    "outlying": Family("share of new rows of another age than nearly all before", SHARE, 0.06, harm_above=0.5),
    "rows": Family("number of rows", RATIO, 0.4),
    "records": Family("number of rows", RATIO, 0.05, harm_below=1.25, side="below"),
    "average": Family("mean amount", RATIO, 0.05, harm_below=2.0, harm_above=2.0),
    "merged": Family("share of profiles that were merged into others", SHARE, 0.025, harm_above=0.03, side="above"),
    "split": Family("share of profiles that were split", SHARE, 0.025, harm_above=0.03, side="above"),
}


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
    deviation = unit * math.hypot(_between(family, differences), by_chance / unit)
    limit = USUAL_DEVIATIONS * (1 + 1 / (2 + len(history))) * deviation
    found = to(figure.value) - middle
    is_below, is_above = found < -limit, found > limit
    is_usual = not ((is_below and family.side != "above") or (is_above and family.side != "below"))
    # What the sample alone explains says nothing about how far deliveries differ.
    is_exact = by_chance <= EXACT_DIFFERENCES * family.usual_difference * unit
    difference = math.copysign(math.sqrt(max(0.0, found**2 - by_chance**2)) / unit, found) if is_exact else None
    return Compared(
        figure,
        usual,
        family.scale.back(middle - limit),
        family.scale.back(middle + limit),
        is_usual,
        is_usual or not figure.is_decisive or not _harms(family, figure, usual, unit),
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
    if family.scale is SHARE and figure.rows * abs(figure.value - usual) < MIN_HARMED_ROWS:
        return False
    if family.scale is RATIO:
        return max(figure.value, usual) >= harm * min(figure.value, usual)
    return abs(figure.value - usual) / unit >= harm


def shown(name: str, value: float) -> str:
    """Return the value of a figure for people: a share in per cent, or a number."""
    family = FAMILIES[name]
    if family.scale is SHARE or (family.scale is PLAIN and family.harm_above and name not in ("score", "age")):
        return f"{max(0.0, value):.1%}"
    return f"{value:,.4g}"
