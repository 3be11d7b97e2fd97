"""Reading the quarantine, and landing again what it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import has_table, read_warehouse, refuse_lost
from cdp_orchestration.landing.inbox import find_deliveries
from cdp_orchestration.landing.land import LandedStream, land_stream
from cdp_orchestration.landing.refusals import MESSAGES
from cdp_orchestration.sources import Stream

_COLUMNS = ("source_line", "field", "reason", "message", "is_row_landed", "raw_row")

# What counts is the latest version of each file: one that was corrected is refused no more.
_LATEST = """
with latest as (
    select source, stream, source_file, arg_max(batch_id, loaded_at) as batch_id
    from operations.landing_batches
    group by all
)

select {columns}
from operations.quarantined as quarantined
semi join latest on quarantined.batch_id = latest.batch_id
where ($table is null or quarantined.source || '_' || quarantined.stream = $table)
    and ($file is null or quarantined.source_file = $file)
{rest}
"""
_COUNTS = """
source || '/' || stream as stream, source_file, reason, count(*) as refusal_count,
bool_and(source_line is null) as is_file, bool_and(is_row_landed) as is_row_landed, max(refused_at) as refused_at
"""


class NothingToRetryError(CdpError):
    """No refused file of the stream still lies in the inbox."""


@dataclass(frozen=True)
class RefusalCount:
    """How often one file was refused in part or as a whole for one reason.

    ``is_file``: as a whole; ``is_row_landed``: the rows have landed without the value.
    """

    stream: str
    source_file: str
    reason: str
    refusal_count: int
    is_file: bool
    is_row_landed: bool
    refused_at: datetime

    @property
    def message(self) -> str:
        """What the reason means."""
        return MESSAGES.get(self.reason, self.reason)


def refusal_counts(settings: Settings, stream: Stream | None = None) -> list[RefusalCount]:
    """Return one count a file and reason of the latest version of each file, the newest first."""
    rows = _read(settings, stream, None, _COUNTS, "group by all order by refused_at desc, stream, source_file, reason")
    return [RefusalCount(*row) for row in rows]


def refusals(settings: Settings, stream: Stream, source_file: str | None, limit: int) -> list[dict[str, Any]]:
    """Return the refusals of a stream or of one of its files, each with line, field, reason, message and the raw row.

    Args:
        settings: the home.
        stream: the stream.
        source_file: the file's path below the stream's folder, None for all.
        limit: the number of rows.
    """
    columns = ("source_file", *_COLUMNS)
    rows = _read(settings, stream, source_file, ", ".join(columns), f"order by all limit {int(limit)}")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def retry_refused(stream: Stream, settings: Settings, source_file: str | None = None) -> LandedStream:
    """Land again the files of a stream that have refusals and still lie in the inbox; the caller holds the lock.

    A file whose declaration has changed lands again by itself.

    Args:
        stream: the stream.
        settings: the home.
        source_file: one of its files, None for all.

    Returns:
        What landed and what was refused again.

    Raises:
        NothingToRetryError: there is no such file.
    """
    refused = {count.source_file for count in refusal_counts(settings, stream)}
    there = {delivery.source_file for delivery in find_deliveries(stream, settings)}
    wanted = {name for name in refused if source_file in (None, name)}
    if not wanted & there:
        found = f"{len(wanted)} refused files, none of which lies in the inbox" if wanted else "no refused file"
        raise NothingToRetryError(
            f"{stream.source}/{stream.name}: {found}; deliver the corrected file again, under the same name."
        )
    return land_stream(stream, settings, again=wanted & there)


def _read(
    settings: Settings, stream: Stream | None, source_file: str | None, columns: str, rest: str
) -> Sequence[tuple[Any, ...]]:
    refuse_lost(settings.warehouse)
    if not settings.warehouse.exists():
        return []
    with read_warehouse(settings.warehouse) as connection:
        if not has_table(connection, "operations", "quarantined"):
            return []
        values = {"table": stream.table if stream else None, "file": source_file}
        return connection.execute(_LATEST.format(columns=columns, rest=rest), values).fetchall()
