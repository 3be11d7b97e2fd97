"""Whether a stream has delivered in time: the age of its newest rows, compared with what its source declares."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import duckdb

from cdp_orchestration.home.warehouse import has_table
from cdp_orchestration.sources import Stream

Punctuality = Literal["in time", "late", "overdue"]


@dataclass(frozen=True)
class Lateness:
    """The newest delivery of one stream (UTC, None where it has never delivered) and what was expected of it."""

    punctuality: Punctuality
    delivered_at: datetime | None
    sentence: str


def last_deliveries(connection: duckdb.DuckDBPyConnection) -> dict[str, datetime]:
    """Return for each stream, by its table, when rows last arrived that had not arrived before, UTC.

    Args:
        connection: the warehouse; one that only reads will do.

    Returns:
        The times. A file that lands once more, because its declaration has changed or it was tried again, is no
        delivery.
    """
    if not has_table(connection, "operations", "landing_batches"):
        return {}
    return {f"{source}_{stream}": at for source, stream, at in connection.execute(_LAST_DELIVERIES).fetchall()}


def lateness(stream: Stream, delivered_at: datetime | None, now: datetime, paused_since: str | None = None) -> Lateness:
    """Return whether a stream has delivered in time.

    Args:
        stream: the stream.
        delivered_at: when new rows last arrived, UTC without a zone.
        now: the present, UTC without a zone.
        paused_since: since when its source is paused; nothing is expected of it meanwhile.

    Returns:
        Late from the age on that warns, overdue from the age on that fails; a stream that has never delivered is
        neither, because every stream is optional.
    """
    declared = stream.freshness
    if delivered_at is None:
        return Lateness("in time", None, "Nothing has been delivered yet; every stream is optional.")
    age = now - delivered_at
    found = f"New rows last arrived at {delivered_at:%Y-%m-%d %H:%M} UTC, {in_words(age)} ago"
    if paused_since:
        return Lateness("in time", delivered_at, f"{found}; the source is paused since {paused_since}.")
    if declared and declared.fail and age >= declared.fail:
        return Lateness("overdue", delivered_at, f"{found}; expected within {in_words(declared.fail)}. {_REMEDY}")
    if declared and declared.warn and age >= declared.warn:
        return Lateness("late", delivered_at, f"{found}; expected within {in_words(declared.warn)}. {_REMEDY}")
    return Lateness("in time", delivered_at, f"{found}.")


def lateness_by_table(
    streams: Iterable[Stream], delivered: Mapping[str, datetime], paused: Mapping[str, str], now: datetime
) -> dict[str, Lateness]:
    """Return the lateness of each stream that declares a freshness, by its table."""
    return {
        stream.table: lateness(stream, delivered.get(stream.table), now, paused.get(stream.source))
        for stream in streams
        if stream.freshness
    }


def in_words(age: timedelta) -> str:
    """Return a length of time as people say it: minutes below two hours, hours below two days, then days."""
    minutes = int(age.total_seconds() // 60)
    number, unit = next(
        ((minutes // length, unit) for length, unit in ((1440, "day"), (60, "hour")) if minutes >= 2 * length),
        (minutes, "minute"),
    )
    return f"{number} {unit}{'' if number == 1 else 's'}"


_REMEDY = (
    "Ask whoever sends it; if that is its usual pace, declare another `freshness`, or `cdp source pause` the source."
)
_LAST_DELIVERIES = """
select source, stream, max(first_loaded_at)
from (
    select source, stream, source_file, sha256, min(coalesce(arrived_at, loaded_at)) as first_loaded_at
    -- a ledger that an earlier version has written lacks the column until the next landing
    from (select * from operations.landing_batches union all by name select null::timestamp as arrived_at where false)
    where status = 'landed' and row_count > 0
    group by all
)
group by all
"""
