"""The longest gap between the times of rows, by what a gap as long beside it has: a stretch that was not delivered."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from cdp_orchestration.figures.rhythm import SECONDS_OF_A_DAY

MIN_DAYS = 0.5
"""A gap within a day is one of the night."""


def missing_days(seconds: Sequence[float]) -> float:
    """Return how many days' worth of rows the longest gap lacks.

    What a gap lacks is the number of rows in as long a stretch before it, or after it if that is less: so one old row
    far from all others makes no gap, nor does a time in which fewer rows came than in others. A day's worth is the mean
    number of rows a day.

    Args:
        seconds: the times of the rows, in any order, in seconds.

    Returns:
        Days; 0 without a gap of half a day.
    """
    moments = sorted(seconds)
    if len(moments) < 2 or moments[-1] == moments[0]:
        return 0.0
    lacking = 0
    for end in range(1, len(moments)):
        start, after = moments[end - 1], moments[end]
        gap = after - start
        if gap >= MIN_DAYS * SECONDS_OF_A_DAY:
            rows_before = end - bisect_right(moments, start - gap)
            rows_after = bisect_left(moments, after + gap) - end
            lacking = max(lacking, min(rows_before, rows_after))
    return lacking / _rows_a_day(moments)


def days_by_chance(seconds: Sequence[float]) -> float:
    """Return how long the longest gap is by chance, in days, where rows come independently of each other.

    At a constant rate the longest of n gaps is, in the mean, about ln n times as long as the mean gap.

    Args:
        seconds: the times of the rows, in seconds.

    Returns:
        Days; at least one.
    """
    if len(seconds) < 2 or max(seconds) == min(seconds):
        return 1.0
    return max(1.0, math.log(len(seconds)) / _rows_a_day(seconds))


def _rows_a_day(moments: Sequence[float]) -> float:
    return len(moments) * SECONDS_OF_A_DAY / (max(moments) - min(moments))
