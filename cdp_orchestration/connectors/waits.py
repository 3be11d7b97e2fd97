"""When a request is made again: what the API asks for, else a growing wait with jitter."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MAX_BACKOFF_SECONDS = 60


@dataclass(frozen=True)
class Clock:
    """Time and waiting, which tests replace."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def backoff_seconds(attempt: int, asked_seconds: float | None) -> float:
    """Return how long to wait after an attempt, counted from 1; never less than the API asks for."""
    highest = min(_MAX_BACKOFF_SECONDS, 2 ** (attempt - 1))
    jitter = random.uniform(highest / 2, highest)  # noqa: S311 - spreads requests, hides nothing
    # Somewhat more than was asked for, so that several clients do not come back at the same moment.
    return jitter if asked_seconds is None else asked_seconds + jitter * min(asked_seconds, 1) / 10


def time_of(text: str | None) -> datetime | None:
    """Return the time of a header such as Date; None where it has none."""
    with suppress(ValueError, TypeError, OverflowError):
        found = parsedate_to_datetime(text or "")
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def seconds_to_wait(text: str | None, now: datetime) -> float | None:
    """Return what Retry-After asks for, in seconds or until a date; None where it asks for nothing."""
    if text is None:
        return None
    with suppress(ValueError, OverflowError):
        seconds = float(text)
        return max(seconds, 0) if seconds == seconds else None
    until = time_of(text)
    return max((until - now).total_seconds(), 0) if until else None
