"""The demo's own calendar: fixed first and last day, seasons, and fast ISO 8601 text. Times are epoch seconds."""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate

from cdp_orchestration.demo.dice import Dice

DAY = 86_400
HOUR = 3_600
FIRST_DAY = date(2019, 1, 1)  # the oldest record; interactions begin with HISTORY_DAY
HISTORY_DAY = date(2023, 7, 1)
DROP_DAYS = (date(2026, 6, 1), date(2026, 6, 10), date(2026, 6, 20), date(2026, 6, 30))

MONTH_WEIGHTS = (0.9, 0.8, 0.9, 0.95, 1.0, 0.9, 0.65, 0.6, 0.95, 1.05, 1.9, 1.5)  # November peak, summer dip
WEEKDAY_WEIGHTS = (0.95, 0.9, 0.9, 0.95, 1.1, 1.3, 1.0)
ONLINE_HOURS = (7, 8, 9, 10, 11, 12, 12, 13, 14, 15, 16, 17, 18, 18, 19, 19, 20, 20, 20, 21, 21, 21, 22, 22, 23, 1)
STORE_HOURS = (9, 10, 10, 11, 11, 12, 12, 13, 14, 14, 15, 15, 16, 16, 17, 17, 18, 18)
OFFICE_HOURS = (8, 9, 9, 10, 10, 11, 11, 12, 13, 14, 14, 15, 15, 16, 16, 17)


def epoch(day: date) -> int:
    """Return midnight UTC of a day, in epoch seconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@cache
def cuts() -> tuple[int, ...]:
    """Return when each drop was exported; it holds what happened before that time."""
    return tuple(epoch(day) for day in DROP_DAYS)


@cache
def history_start() -> int:
    """Return the earliest time of an interaction, in epoch seconds."""
    return epoch(HISTORY_DAY)


@cache
def end() -> int:
    """Return the end of the demo, in epoch seconds; nothing happens from then on."""
    return cuts()[-1]


@cache
def _texts() -> tuple[int, list[str], list[str], list[str]]:
    """Return the first epoch day, and as text the days from it on, the minutes of a day and the seconds of a minute."""
    days = [f"{FIRST_DAY + timedelta(number)}T" for number in range((DROP_DAYS[-1] - FIRST_DAY).days + 400)]
    minutes = [f"{minute // 60:02d}:{minute % 60:02d}:" for minute in range(24 * 60)]
    return epoch(FIRST_DAY) // DAY, days, minutes, [f"{second:02d}Z" for second in range(60)]


def iso(at: int) -> str:
    """Write epoch seconds as ``2026-06-01T10:20:30Z``; from tables that stay in the processor's cache."""
    first, days, minutes, seconds = _texts()
    return days[at // DAY - first] + minutes[at % DAY // 60] + seconds[at % 60]


@cache
def _season() -> tuple[int, list[float]]:
    days = (DROP_DAYS[-1] - HISTORY_DAY).days
    return history_start() // DAY, list(accumulate(_weight(HISTORY_DAY + timedelta(n)) for n in range(days)))


def _weight(day: date) -> float:
    is_black_week = day.month == 11 and 22 <= day.day <= 30
    growth = 1 + 0.12 * (day - HISTORY_DAY).days / 365
    return MONTH_WEIGHTS[day.month - 1] * WEEKDAY_WEIGHTS[day.weekday()] * growth * (2 if is_black_week else 1)


def season_moment(dice: Dice, earliest: int, latest: int, hours: tuple[int, ...]) -> int:
    """Draw a time between two others, by season, weekday and hour of the day."""
    first, running = _season()
    low = max(earliest // DAY - first, 0)
    high = min(max((latest - 1) // DAY - first, low), len(running) - 1)
    floor = running[low - 1] if low else 0.0
    day = bisect_right(running, floor + dice.random() * (running[high] - floor))
    moment = (first + min(day, high)) * DAY + dice.pick(hours) * HOUR + int(dice.random() * HOUR)
    return min(max(moment, earliest), latest - 1)


def deletion_after(dice: Dice, after: int) -> int:
    """Draw when a record is deleted: mostly in the later drops; the end of the demo when there is no time left."""
    start = max(after + 60, cuts()[0] if dice.chance(0.6) else 0)
    return dice.between(start, end() - 1) if start < end() else end()


def date_of_birth(dice: Dice, year: int) -> date:
    """Draw a day of a year."""
    return date(year, 1, 1) + timedelta(int(dice.random() * 365))
