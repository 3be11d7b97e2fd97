"""Whether anything waits to be landed, known before a sync is started."""

from collections import defaultdict
from collections.abc import Collection

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import has_table
from cdp_orchestration.landing.inbox import find_deliveries
from cdp_orchestration.landing.land import is_done, latest_versions
from cdp_orchestration.landing.pauses import paused_sources
from cdp_orchestration.landing.storage.ledger import LedgerEntry, read_ledger, stored_files
from cdp_orchestration.sources import declared_streams


def is_everything_landed(
    connection: duckdb.DuckDBPyConnection, settings: Settings, sources: Collection[str] = ()
) -> bool:
    """Return whether no file waits to be landed, and no batch that has landed is lost.

    Args:
        connection: the warehouse; one that only reads will do.
        settings: the home.
        sources: the sources whose files are looked at; without one, all.
    """
    if not has_table(connection, "operations", "landing_batches"):
        return False
    entries: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in read_ledger(connection):
        entries[f"{entry.source}_{entry.stream}"].append(entry)
    stored = {path for of_stream in entries.values() for entry in of_stream for path in stored_files(settings, entry)}
    if not all(path.exists() for path in stored):
        return False
    paused = paused_sources(settings)
    for stream in declared_streams(settings):
        known = latest_versions(entries[stream.table], settings)
        is_read = stream.source not in paused and (not sources or stream.source in sources)
        deliveries = find_deliveries(stream, settings) if is_read else ()
        if not all(is_done(delivery, known.get(delivery.source_file), stream) for delivery in deliveries):
            return False
    return True
