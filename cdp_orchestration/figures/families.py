"""The kinds of figures: what each is for people, in which unit, how it is compared, and from where on it harms."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cdp_orchestration.figures import units
from cdp_orchestration.figures.units import Unit


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
        unit: in which people read it.
        is_sure_of_all: whether a small delivery of which all rows are so cannot be right (``certainty.py``).
    """

    means: str
    scale: Scale
    usual_difference: float
    harm_below: float | None = None
    harm_above: float | None = None
    in_spreads: bool = False
    side: Literal["both", "below", "above"] = "both"
    unit: Unit = units.SHARE
    is_sure_of_all: bool = False

    @property
    def steps(self) -> Literal["share", "factor", "plain"]:
        """What equal steps on its scale are: parts of a share, factors of a number, or differences."""
        return "share" if self.scale is SHARE else "factor" if self.scale is RATIO else "plain"


FAMILIES: dict[str, Family] = {
    "filled": Family("share of rows that have it", SHARE, 0.06, harm_below=0.25, is_sure_of_all=True),
    "known": Family("share of new rows whose value earlier rows have", SHARE, 0.08, harm_below=0.4, side="below"),
    "commonest": Family("share of the commonest value", SHARE, 0.08, harm_above=0.3, side="above"),
    "shared": Family(
        "share of the commonest contact, birthday or person", SHARE, 0.04, harm_above=0.2, side="above",
        is_sure_of_all=True,
    ),
    "mix": Family("part in which the mix of values differs from earlier rows", PLAIN, 0.1, harm_above=0.7,
        unit=units.MIX),
    "permissions": Family(
        "part in which the mix of permissions differs from earlier rows", PLAIN, 0.03, harm_above=0.15, unit=units.MIX
    ),
    "zeros": Family("share of values that begin with 0", SHARE, 0.025, harm_below=0.03, side="below"),
    "lost zeros": Family(
        "share of redelivered rows that lost zeros before it", SHARE, 0.01, harm_above=0.03, side="above"
    ),
    "misplaced": Family(
        "share of new rows whose value another field usually has", SHARE, 0.04, harm_above=0.1, side="above",
        is_sure_of_all=True,
    ),
    "middle": Family("middle value", RATIO, 0.15, harm_below=3.0, harm_above=3.0, unit=units.NUMBER,
        is_sure_of_all=True),
    "score": Family("mean", PLAIN, 0.15, harm_below=1.0, harm_above=1.0, in_spreads=True, unit=units.NUMBER),
    "age": Family(
        "days from the time to the row's version", PLAIN, 0.15, harm_below=0.9, harm_above=0.9, unit=units.DAYS
    ),
    "garbled": Family(
        "share of texts with signs of a wrong encoding", SHARE, 0.02, harm_above=0.05, side="above",
        is_sure_of_all=True,
    ),
    "length": Family("mean length (geometric)", PLAIN, 0.25, 1.5, 1.5, in_spreads=True, unit=units.LETTERS),
    "extreme": Family(
        "share of new rows with far more or less than nearly all before", SHARE, 0.05, harm_above=0.4, side="above"
    ),
    "ended": Family(
        "part in which the mix of new rows that have ended differs from earlier rows", PLAIN, 0.08, harm_above=0.6,
        unit=units.MIX,
    ),
    "weekdays": Family("part in which weekdays differ from earlier rows", PLAIN, 0.06, harm_above=0.7, unit=units.MIX),
    "gap": Family(
        "days' worth of rows that its longest gap lacks", RATIO, 0.2, side="above", unit=units.DAYS
    ),
    "namesakes": Family(
        "share of new rows whose e-mail has a part of their name", SHARE, 0.05, harm_below=0.25, side="below",
    ),
    "returned": Family("share of the former rows that came again", SHARE, 0.08, harm_below=0.25, side="below"),
    "behind": Family(
        "time by which new rows are older than the newest before", PLAIN, 10.0, side="above", unit=units.DAYS_LATE
    ),
    "hours": Family(
        "part in which hours of the day differ from earlier rows", PLAIN, 0.05, harm_above=0.7, unit=units.MIX
    ),
    "altered": Family(
        "share of redelivered rows in which what never changes did", SHARE, 0.08, harm_above=0.15, side="above"
    ),
    "emptied": Family("share of earlier rows that lost it", SHARE, 0.08, harm_above=0.25, side="above"),
    "changed": Family("share of earlier rows in which it changed", SHARE, 0.12, harm_above=0.5, side="above"),
    "went back": Family(
        "share of redelivered rows with the content of an older version", SHARE, 0.1, harm_above=0.5, side="above"
    ),
    "copies": Family("share of new rows with the content of another row", SHARE, 0.08, harm_above=0.3, side="above"),
    "corrected": Family("share of rows with a corrected time", SHARE, 0.06, harm_above=0.3, side="above"),
    "outlying": Family("share of new rows of another age than nearly all before", SHARE, 0.06, harm_above=0.5),
    "rows": Family("number of rows", RATIO, 0.4, unit=units.ROWS),
    "records": Family("number of rows", RATIO, 0.05, harm_below=1.25, side="below", unit=units.ROWS),
    "average": Family("mean", RATIO, 0.05, harm_below=2.0, harm_above=2.0, unit=units.NUMBER),
    "merged": Family("share of profiles that were merged into others", SHARE, 0.025, harm_above=0.03, side="above"),
    "split": Family("share of profiles that were split", SHARE, 0.025, harm_above=0.03, side="above"),
    "moved": Family(
        "share of rows whose number is over three times, or under a third of, what it was",
        SHARE, 0.04, harm_above=0.25, side="above",
    ),
    "turned": Family(
        "share of those who could not be contacted before and can be now", SHARE, 0.03, harm_above=0.1, side="above"
    ),
}  # fmt: skip


def shown(name: str, value: float) -> str:
    """Return the value of a figure for people, in its own unit."""
    return FAMILIES[name].unit.shown(value)
