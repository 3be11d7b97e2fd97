"""The type of a figure, and how far two mixes of values are apart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One number about a delivery or a release.

    Attributes:
        name: the kind of number, one of ``families.FAMILIES``.
        of: the watched value or the group of rows; never a value that a person gave.
        value: the number.
        rows: how many rows it is about.
        usual: what the accepted rows give; None where only former figures can say.
        usual_rows: how many rows that is from.
        spread: of a number: the standard deviation of one row's, on the scale of the figure.
        is_decisive: whether readers are harmed when it is far off.
    """

    name: str
    of: str
    value: float
    rows: int
    usual: float | None = None
    usual_rows: int = 0
    spread: float = 0.0
    is_decisive: bool = False


def angle(delivered: Sequence[int], accepted: Sequence[int]) -> tuple[float, float]:
    """Return the angle between two distributions (Bhattacharyya 1943), less what samples of these sizes have by chance.

    It is 0 for equal ones and half of pi where no value is in both; for two values it is the difference of the arcsines
    of the roots of their shares.

    Args:
        delivered: how many rows have each value.
        accepted: the same of the accepted rows, in the same order.

    Returns:
        The angle, and the standard deviation of one row's part in it: that of a chi-square of as many degrees of
        freedom as there are values less one.
    """
    rows, usual_rows = sum(delivered), sum(accepted)
    alike = sum(math.sqrt(a / rows * b / usual_rows) for a, b in zip(delivered, accepted, strict=True))
    freedom = max(1, sum(1 for count in accepted if count) - 1)
    by_chance = freedom / 4 * (1 / rows + 1 / usual_rows)
    return math.sqrt(max(0.0, math.acos(min(1.0, alike)) ** 2 - by_chance)), (2 * freedom) ** 0.25 / 2
