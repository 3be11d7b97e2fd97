"""Two invented streams of many rows, and what it costs to compare the last quarter of each with the rest."""

from datetime import datetime

import duckdb

from cdp_orchestration.figures.measured import measured
from cdp_orchestration.figures.samples import samples_of
from cdp_orchestration.figures.stage_figures import MEASURED_TABLES, table_figures
from cdp_orchestration.landing.storage.ledger import LedgerEntry
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.kinds import amount, boolean, digits, identifier, occurrence, text, timestamp

BATCHES = 4
_LANDED_AT = datetime(2026, 1, 2)  # noqa: DTZ001 - the warehouse keeps UTC without a zone
STREAMS = (
    Stream(
        "bench", "contacts", "", ("id",), "changed_at",
        (identifier("id"), text("given_name"), text("family_name"), text("email"), digits("phone"), digits("postcode"),
         boolean("has_opt_in"), timestamp("changed_at")),
    ),
    Stream(
        "bench", "events", "", ("id",), "changed_at",
        (identifier("id"), identifier("visitor"), text("kind"), amount("price"), occurrence("happened_at"),
         timestamp("changed_at")),
    ),
)  # fmt: skip


def measure_figures(connection: duckdb.DuckDBPyConnection) -> int:
    """Measure a large delivery of each stream and every measured table; return the number of figures."""
    found = 0
    for stream in STREAMS:
        (rows,) = connection.execute(f"select count(*) from landing.{stream.table}").fetchall()[0]
        batches = [_batch(stream, number, rows // BATCHES) for number in range(BATCHES)]
        with samples_of(connection, stream, batches[-1:], accepted=batches[:-1]) as samples:
            found += len(measured(connection, samples))
    return found + sum(len(table_figures(connection, subject, {})) for subject in MEASURED_TABLES)


def _batch(stream: Stream, number: int, rows: int) -> LedgerEntry:
    return LedgerEntry(
        f"b{number}", stream.source, stream.name, f"{number}.csv", 0, 0, None, "landed", _LANDED_AT, row_count=rows
    )
