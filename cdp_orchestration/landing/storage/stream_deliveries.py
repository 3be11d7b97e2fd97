"""What each stream has delivered so far, from the ledger."""

from dataclasses import dataclass
from datetime import datetime

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import has_table, read_warehouse
from cdp_orchestration.landing.storage.ledger import LedgerEntry, read_ledger
from cdp_orchestration.sources import declared_streams


@dataclass(frozen=True)
class StreamDeliveries:
    """Counts of the latest version of each file of one stream; ``loaded_at`` is its newest load, UTC."""

    file_count: int = 0
    row_count: int = 0
    refused_row_count: int = 0
    refused_file_count: int = 0
    loaded_at: datetime | None = None


def stream_deliveries(settings: Settings) -> dict[str, StreamDeliveries]:
    """Return the deliveries of every declared stream by its table; all are empty where nothing has landed.

    Args:
        settings: the home; raises WriterBusyError while another process writes it.

    Returns:
        One value per declared stream.
    """
    entries: dict[str, dict[str, LedgerEntry]] = {stream.table: {} for stream in declared_streams(settings)}
    if settings.warehouse.exists():
        with read_warehouse(settings.warehouse) as connection:
            is_begun = has_table(connection, "operations", "landing_batches")
            for entry in read_ledger(connection) if is_begun else ():
                entries.setdefault(f"{entry.source}_{entry.stream}", {})[entry.source_file] = entry
    return {table: _counted(list(latest.values())) for table, latest in entries.items()}


def _counted(latest: list[LedgerEntry]) -> StreamDeliveries:
    return StreamDeliveries(
        file_count=len(latest),
        row_count=sum(entry.row_count for entry in latest),
        refused_row_count=sum(entry.refused_row_count for entry in latest),
        refused_file_count=sum(entry.status == "refused" for entry in latest),
        loaded_at=max((entry.loaded_at for entry in latest), default=None),
    )
