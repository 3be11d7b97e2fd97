"""Rows of the quarantine go when they are old: they repeat what was delivered, and their counts stay in the ledger."""

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdp_orchestration.home.durable_parquet import DurableParquet
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.storage.quarantine import quarantine_schema
from cdp_orchestration.landing.storage.stored_hashes import note_written


def remove_old_refusals(settings: Settings, before: datetime, *, is_trial: bool = False) -> int:
    """Remove the rows that were refused before a time; a file without rows stays, since the ledger names it.

    Args:
        settings: the home; the caller holds the writer's lock.
        before: the time, UTC without a zone, as the quarantine has it.
        is_trial: only count them.

    Returns:
        How many rows.
    """
    removed = 0
    for file in sorted(settings.quarantine.rglob("*.parquet")):
        rows = pq.read_table(file, schema=quarantine_schema())
        kept = rows.filter(pc.greater_equal(rows["refused_at"], pa.scalar(before, pa.timestamp("us"))))
        if kept.num_rows == rows.num_rows:
            continue
        removed += rows.num_rows - kept.num_rows
        if not is_trial:
            with DurableParquet(file, quarantine_schema()) as written:
                written.write(kept)
                written.publish()
            note_written(settings, file, before)
    return removed
