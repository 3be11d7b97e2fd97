"""Many small batch files become one, so that reading a stream does not open a file for each of its deliveries.

The batches stay what they are: rows, lines, times, refusals and ledger entries; only the file that holds them changes.
A kill leaves either the former files in use or the new one. A former file is removed once the ledger has it no more.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from cdp_orchestration.home.durable_parquet import DurableParquet
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import has_table
from cdp_orchestration.landing.batches import open_files, publish
from cdp_orchestration.landing.raw_rows import landed_types
from cdp_orchestration.landing.storage.batch_ids import BATCH_ID_LENGTH, is_of_this_declaration
from cdp_orchestration.landing.storage.ledger import (
    LedgerEntry,
    batch_path,
    quarantine_path,
    read_ledger,
    record_entries,
)
from cdp_orchestration.landing.storage.ledger_copy import append_entries
from cdp_orchestration.landing.storage.quarantine import QUARANTINE_TYPES
from cdp_orchestration.landing.storage.views import create_landing_views, stored_rows
from cdp_orchestration.sources import Stream

MIN_FILES = 64  # fewer are read without a noticeable cost
MAX_SMALL_BYTES = 8 * 1024 * 1024  # a larger file is left alone: it would be written again and again
MAX_JOINED_BYTES = 512 * 1024 * 1024
ROWS_AT_A_TIME = 100_000


def compact(connection: duckdb.DuckDBPyConnection, stream: Stream, settings: Settings) -> int:
    """Join the small files of a stream where there are many; the caller holds the writer's lock.

    Args:
        connection: the warehouse, outside of a transaction.
        stream: the stream.
        settings: where batches and quarantine lie.

    Returns:
        How many files have become one.
    """
    found = _small_files(read_ledger(connection, stream), stream, settings)
    if len(found) < MIN_FILES:
        return 0
    entries = [entry for stored in found.values() for entry in stored]
    name = hashlib.sha256("\0".join(found).encode()).hexdigest()[:BATCH_ID_LENGTH]
    joined = [replace(entry, stored_in=name) for entry in entries]
    with open_files(joined[0], stream, settings) as (rows, quarantine):
        _copy(connection, [each for each in entries if each.status != "refused"], settings, landed_types(stream), rows)
        _copy(connection, [each for each in entries if each.holds_refusals], settings, QUARANTINE_TYPES, quarantine)
        if rows.row_count != sum(entry.row_count for entry in entries):
            return 0  # a file has not what the ledger says; it stays as it is
        # Noted before it is there: of a run that is killed next, nothing remains.
        _note_unused(connection, [batch_path(settings, joined[0]), quarantine_path(settings, joined[0])])
        publish(rows, quarantine)
    former = {path(settings, entry) for entry in entries for path in (batch_path, quarantine_path)}
    connection.begin()
    append_entries(connection, settings, joined)
    record_entries(connection, joined)
    create_landing_views(connection, settings, [stream])
    _note_unused(connection, sorted(former))
    connection.commit()
    remove_former_files(connection, settings)
    return len(found)


def remove_former_files(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Remove the files that were joined into others, also those that a killed run has left."""
    if not has_table(connection, "operations", "former_batch_files"):
        return
    rows = connection.execute("select path from operations.former_batch_files").fetchall()
    if not rows:
        return
    in_use = {path(settings, entry) for entry in read_ledger(connection) for path in (batch_path, quarantine_path)}
    for (path,) in rows:
        if Path(path) not in in_use:
            Path(path).unlink(missing_ok=True)
    connection.execute("delete from operations.former_batch_files")


def _note_unused(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> None:
    """Note files that are to be removed unless the ledger has them."""
    connection.execute("create table if not exists operations.former_batch_files (path varchar)")
    connection.executemany("insert into operations.former_batch_files values (?)", [[str(path)] for path in paths])


def _small_files(entries: Sequence[LedgerEntry], stream: Stream, settings: Settings) -> dict[str, list[LedgerEntry]]:
    """Return the batches by the name of their files, of files that are small and all of this declaration."""
    stored: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        stored[entry.stored_in or entry.batch_id].append(entry)
    found: dict[str, list[LedgerEntry]] = {}
    total = 0
    for name, batches in stored.items():
        size = _size(batches[0], settings)
        if size > MAX_SMALL_BYTES or not all(is_of_this_declaration(entry, stream) for entry in batches):
            continue
        total += size
        if total > MAX_JOINED_BYTES:
            break  # the rest is joined next time
        found[name] = batches
    return found


def _size(entry: LedgerEntry, settings: Settings) -> int:
    paths = (batch_path(settings, entry), quarantine_path(settings, entry))
    return sum(path.stat().st_size for path in paths if path.exists())


def _copy(
    connection: duckdb.DuckDBPyConnection,
    entries: Sequence[LedgerEntry],
    settings: Settings,
    types: dict[str, str],
    target: DurableParquet,
) -> None:
    if not entries:
        return
    # A reader that is left open keeps the database: who opened its file again in this process would wait without end
    with connection.execute(stored_rows(entries, settings, types)).to_arrow_reader(ROWS_AT_A_TIME) as reader:
        for batch in reader:
            target.write(pa.Table.from_batches([batch]).cast(target.schema))
