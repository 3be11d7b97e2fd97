"""Freshness: how old the data are when the report is written, and which source has been silent longest."""

from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from cdp_orchestration.customer_report.reading import day_of, read

OLD_AFTER_DAYS = 2  # data that are older than so many days are old
SILENT_AFTER_DAYS = 7  # a source that has been silent for longer is missing, be the others ever so new


@dataclass(frozen=True)
class Source:
    """One source: the newest day on which it recorded or received anything, and that of its newest load."""

    source_system: str
    received_on: date
    loaded_on: date


@dataclass(frozen=True)
class Freshness:
    """The day that the data reach to, and the sources, the one that was heard of last first."""

    as_of_on: date | None
    written_on: date
    sources: tuple[Source, ...]

    @property
    def age_days(self) -> int:
        """Days from the one that the data reach to until the one on which the report was written."""
        return 0 if self.as_of_on is None else self.days_since(self.as_of_on)

    @property
    def is_old(self) -> bool:
        """Whether the data were old when the report was written."""
        return self.age_days > OLD_AFTER_DAYS

    @property
    def missing(self) -> tuple[Source, ...]:
        """The sources that have been silent for too long, the longest first."""
        return tuple(
            source for source in reversed(self.sources) if self.days_since(source.received_on) > SILENT_AFTER_DAYS
        )

    def days_since(self, day: date) -> int:
        """Return the days from one until that on which the report was written, at least 0."""
        return max(0, (self.written_on - day).days)


def read_freshness(connection: duckdb.DuckDBPyConnection, written_at: datetime) -> Freshness:
    """Read how far the data reach; ``written_at`` is when the report is written, with a zone."""
    ((as_of_on, written_on),) = connection.execute(
        f"select (select max(as_of_on) from as_of), {day_of('?')}",
        [written_at],
    ).fetchall()
    return Freshness(
        as_of_on=as_of_on,
        written_on=written_on,
        sources=read(
            connection,
            Source,
            f"""
            select source_system, {day_of("received_at")}, {day_of("loaded_at")}
            from source_receipts
            order by received_at desc, source_system
            """,
        ),
    )
