"""Freshness: how old the data are when the report is written, and which source has been silent longest."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb

from cdp_orchestration.customer_report.reading import read

OLD_AFTER_DAYS = 2  # data that are older than so many days are old
SILENT_AFTER_DAYS = 7  # a source that has been silent for longer is missing, be the others ever so new


@dataclass(frozen=True)
class Source:
    """One source: the newest time at which it recorded or received anything, and its newest load; both in UTC."""

    source_system: str
    received_at: datetime
    loaded_at: datetime


@dataclass(frozen=True)
class Freshness:
    """The time that the data reach to, and the sources, the one that was heard of last first."""

    as_of_at: datetime | None
    sources: tuple[Source, ...]
    written_at: datetime

    @property
    def written_on(self) -> date:
        """The day on which the report was written, in UTC as all days of the report."""
        return self.written_at.astimezone(UTC).date()

    @property
    def age_days(self) -> int:
        """Days from the one that the data reach to until the one on which the report was written."""
        return 0 if self.as_of_at is None else self.days_since(self.as_of_at)

    @property
    def is_old(self) -> bool:
        """Whether the data were old when the report was written."""
        return self.age_days > OLD_AFTER_DAYS

    @property
    def missing(self) -> tuple[Source, ...]:
        """The sources that have been silent for too long, the longest first."""
        return tuple(
            source for source in reversed(self.sources) if self.days_since(source.received_at) > SILENT_AFTER_DAYS
        )

    def days_since(self, when: datetime) -> int:
        """Return the days from that of a time in UTC to that on which the report was written, at least 0."""
        return max(0, (self.written_on - when.date()).days)


def read_freshness(connection: duckdb.DuckDBPyConnection, written_at: datetime) -> Freshness:
    """Read how far the data reach; ``written_at`` is when the report is written, with a zone."""
    ((as_of_at,),) = connection.execute("select max(as_of_at) from as_of").fetchall()
    return Freshness(
        as_of_at=as_of_at if isinstance(as_of_at, datetime) else None,
        sources=read(
            connection,
            Source,
            """
            select source_system, received_at, loaded_at
            from source_receipts
            order by received_at desc, source_system
            """,
        ),
        written_at=written_at,
    )
