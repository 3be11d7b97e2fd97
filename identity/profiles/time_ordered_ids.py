"""New profile ids: UUIDs of version 7, which sort by the time of their creation."""

import secrets
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

_COUNTER_BITS = 32


def time_ordered_ids(now: datetime) -> Callable[[], str]:
    """Ids of one moment: 48 bits of milliseconds, a counter that starts at random, 42 random bits.

    Two runs within one millisecond still get different ids.

    Args:
        now: the moment; without a time zone it is UTC.

    Returns:
        A function that returns a new id at each call, greater than the one before.
    """
    moment = now if now.tzinfo else now.replace(tzinfo=UTC)
    milliseconds = int(moment.timestamp() * 1000) & ((1 << 48) - 1)
    counter = secrets.randbits(_COUNTER_BITS - 1)

    def new_id() -> str:
        nonlocal counter
        counter += 1
        tail = (counter << 42) | secrets.randbits(42)
        # 12 bits follow the version, 62 the variant
        value = milliseconds << 80 | 7 << 76 | (tail >> 62) << 64 | 2 << 62 | tail & ((1 << 62) - 1)
        return str(uuid.UUID(int=value))

    return new_id
