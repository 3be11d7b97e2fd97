"""Landed batches whose files are not whole are put aside, so that their deliveries land again."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.ledger import LedgerEntry, batch_path, create_ledger, read_ledger
from cdp_orchestration.repair.repaired import Repair, put_aside


def repair_batches(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Repair]:
    """Read each file of landed batches, and put aside those that cannot be read or lack rows.

    A sync lands the deliveries of missing files again, or names those that the inbox has no more.

    Args:
        connection: the warehouse.
        settings: the home.

    Yields:
        One repair a file.
    """
    create_ledger(connection)
    batches = defaultdict[Path, list[LedgerEntry]](list)
    for entry in read_ledger(connection):
        if entry.status != "refused":
            batches[batch_path(settings, entry)].append(entry)
    for file, entries in sorted(batches.items()):
        found = _damage(file, sum(entry.row_count for entry in entries))
        if found:
            if file.exists():
                put_aside(file)
            yield Repair(str(file.relative_to(settings.landing)), found, _what_follows(settings, entries))


def _damage(file: Path, expected_rows: int) -> str | None:
    if not file.is_file():
        return "is missing"
    try:
        # An older version of a batch may stand in a file that it shares, so there may be more rows than expected.
        parquet = pq.ParquetFile(file, page_checksum_verification=True)
        rows = sum(batch.num_rows for batch in parquet.iter_batches())
    except (pa.ArrowException, OSError):
        return "cannot be read as a whole"
    return None if rows >= expected_rows else f"has {rows:,} rows, the ledger {expected_rows:,}"


def _what_follows(settings: Settings, entries: list[LedgerEntry]) -> str:
    folders = {entry: settings.inbox / entry.source / entry.stream / entry.source_file for entry in entries}
    lost = sorted(entry.source_file for entry, file in folders.items() if not file.is_file())
    if not lost:
        return f"put aside; `cdp sync` lands {len(entries):,} files of the inbox again"
    return f"put aside; deliver these files again, which the inbox has no more: {', '.join(lost[:5])}"
