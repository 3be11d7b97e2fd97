"""New profile ids: UUIDs of version 7, which sort by the time at which they were made."""

import secrets
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

_COUNTER_BITS = 32


def time_ordered_ids(now: datetime) -> Callable[[], str]:
    """A maker of ids of this moment (UTC when it names no zone), each greater than the one before it.

    48 bits of milliseconds, then a counter that starts at a random place, then 42 random bits: two runs within one
    millisecond still differ.
    """
    moment = now if now.tzinfo else now.replace(tzinfo=UTC)
    milliseconds = int(moment.timestamp() * 1000) & ((1 << 48) - 1)
    counter = secrets.randbits(_COUNTER_BITS - 1)

    def new_id() -> str:
        nonlocal counter
        counter += 1
        tail = (counter << 42) | secrets.randbits(42)
        # 12 bits beside the version, 62 beside the variant
        value = milliseconds << 80 | 7 << 76 | (tail >> 62) << 64 | 2 << 62 | tail & ((1 << 62) - 1)
        return str(uuid.UUID(int=value))

    return new_id
