"""Refused rows and files as Parquet: the only place that repeats the values of a refused row."""

from collections.abc import Sequence

import pyarrow as pa

from cdp_orchestration.home.durable_parquet import arrow_schema
from cdp_orchestration.landing.refusals import MESSAGES, RefusedRow
from cdp_orchestration.landing.storage.ledger import LedgerEntry

QUARANTINE_TYPES = {
    "source": "varchar",
    "stream": "varchar",
    "source_file": "varchar",
    "source_line": "bigint",
    "field": "varchar",
    "reason": "varchar",
    "message": "varchar",
    "is_row_landed": "boolean",
    "raw_row": "varchar",
    "batch_id": "varchar",
    "refused_at": "timestamp",
}
MAX_RAW_ROW_CHARACTERS = 10_000


def quarantine_schema() -> pa.Schema:
    """Return the columns of a quarantine file: one row per refused field, row or file."""
    return arrow_schema(QUARANTINE_TYPES)


def quarantine_table(refused: Sequence[RefusedRow], entry: LedgerEntry) -> pa.Table:
    """Return one row per refusal of one batch."""
    shared = {
        "source": entry.source,
        "stream": entry.stream,
        "source_file": entry.source_file,
        "batch_id": entry.batch_id,
        "refused_at": entry.loaded_at,
    }
    records = [
        {
            **shared,
            "source_line": row.source_line,
            "field": row.field,
            "reason": row.reason,
            "message": MESSAGES[row.reason] + (f" ({row.found})" if row.found else ""),
            "is_row_landed": row.is_row_landed,
            "raw_row": row.raw_row[:MAX_RAW_ROW_CHARACTERS] if row.raw_row is not None else None,
        }
        for row in refused
    ]
    return pa.Table.from_pylist(records, schema=quarantine_schema())
