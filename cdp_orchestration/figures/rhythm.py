"""What is expected of a number that grows and knows weekdays, by its own history alone."""

from collections.abc import Sequence
from datetime import datetime
from statistics import median

MIN_FOR_GROWTH, MIN_FOR_WEEKDAYS, MIN_OF_A_WEEKDAY = 8, 14, 2
SECONDS_OF_A_DAY = 86_400


def by_rhythm(history: Sequence[tuple[datetime, float]], now: datetime) -> tuple[float, list[float]]:
    """Return what is expected now, and how far each past number was from what it should have been.

    Growth is the median of the slopes between all pairs of numbers (Theil 1950, Sen 1968), once there are eight of
    more than a week; the part of a weekday is the median of what growth leaves on that weekday, once there are two
    weeks of numbers and two of the weekday. Both withstand single outliers.

    Args:
        history: times and numbers, on a scale on which growth is a line.
        now: the time that is asked for.
    """
    days = [(at - now).total_seconds() / SECONDS_OF_A_DAY for at, _ in history]
    values = [value for _, value in history]
    slope = _slope(days, values) if len(days) >= MIN_FOR_GROWTH and max(days) - min(days) >= 7 else 0.0
    level = median(value - slope * day for day, value in zip(days, values, strict=True))
    left = [value - level - slope * day for day, value in zip(days, values, strict=True)]
    weekdays = _weekdays([at.weekday() for at, _ in history], left)
    differences = [rest - weekdays.get(at.weekday(), 0.0) for (at, _), rest in zip(history, left, strict=True)]
    return level + weekdays.get(now.weekday(), 0.0), differences


def _slope(days: Sequence[float], values: Sequence[float]) -> float:
    pairs = zip(days, values, strict=True)
    points = list(pairs)
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for place, earlier in enumerate(points)
        for later in points[place + 1 :]
        if abs(later[0] - earlier[0]) > 0.5
    ]
    return median(slopes) if slopes else 0.0


def _weekdays(of_each: Sequence[int], left: Sequence[float]) -> dict[int, float]:
    if len(left) < MIN_FOR_WEEKDAYS:
        return {}
    by_day: dict[int, list[float]] = {}
    for weekday, rest in zip(of_each, left, strict=True):
        by_day.setdefault(weekday, []).append(rest)
    return {weekday: median(rests) for weekday, rests in by_day.items() if len(rests) >= MIN_OF_A_WEEKDAY}
