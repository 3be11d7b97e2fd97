"""Landed batches whose files are not whole are put aside, so that their deliveries land again."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cdp_orchestration.home.durable_files import put_aside
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.storage.ledger import (
    LedgerEntry,
    batch_path,
    create_ledger,
    read_ledger,
    record_entries,
    stored_files,
)
from cdp_orchestration.landing.storage.ledger_copy import copied_entries, copy_path, unknown_batches, write_copy
from cdp_orchestration.landing.storage.stored_hashes import has_other_content, read_hashes
from cdp_orchestration.repair.repaired import Repair

MAX_NAMED = 5


def repair_batches(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Repair]:
    """Read each file of landed rows and refusals, and put aside those that cannot be read or lack rows.

    A sync lands the deliveries of missing files again, or names those that the inbox has no more.

    Args:
        connection: the warehouse.
        settings: the home.

    Yields:
        One repair a file.
    """
    create_ledger(connection)
    stored = defaultdict[Path, list[LedgerEntry]](list)
    for entry in read_ledger(connection):
        for file in stored_files(settings, entry):
            stored[file].append(entry)
    hashes = read_hashes(settings)
    for file, entries in sorted(stored.items()):
        rows = sum(entry.row_count for entry in entries) if file == batch_path(settings, entries[0]) else 0
        found = _damage(file, rows)
        lost = _lost_deliveries(settings, entries)
        # Of pages that are whole, in a file of other content, no more is known than that something has changed.
        if found is None and not lost and has_other_content(settings, file, hashes):
            found = "has other content than was written"
        if found:
            kept = f"{put_aside(file).name} is what it was; " if file.exists() else ""
            name = str(file.relative_to(settings.home))
            yield Repair(name, found, kept + _what_follows(len(entries), lost), is_mended=not lost)


def repair_ledger(connection: duckdb.DuckDBPyConnection, settings: Settings, *, is_new: bool) -> Iterator[Repair]:
    """Make the ledger and its copy beside what has landed the same again.

    Args:
        connection: the warehouse.
        settings: the home.
        is_new: whether the ledger itself came from the copy, so that what both lack is lost.

    Yields:
        What was wrong.
    """
    create_ledger(connection)
    entries = {entry.batch_id: entry for entry in read_ledger(connection)}
    copied = {entry.batch_id: entry for entry in copied_entries(settings)}
    unknown = [entry for name, entry in copied.items() if name not in entries and batch_path(settings, entry).exists()]
    if unknown:
        # A log of the warehouse that was cut takes the last entries with it, and what is in the inbox may be gone.
        record_entries(connection, unknown)
        entries |= {entry.batch_id: entry for entry in unknown}
        found = f"lacks {len(unknown):,} batches that its copy and the disk have"
        yield Repair("operations.landing_batches", found, "recorded again; `cdp sync` builds what follows from them")
    if is_new:
        yield from _unknown(connection, settings)
    if _compared(copied) != _compared(entries):
        write_copy(settings, read_ledger(connection))
        name = str(copy_path(settings).relative_to(settings.home))
        yield Repair(name, "is not what the ledger says", f"written again with {len(entries):,} entries")


def _compared(entries: Mapping[str, LedgerEntry]) -> dict[str, tuple[object, ...]]:
    """Return what a copy has to have of each entry: what a person took back stands in ``overrides/``."""
    return {name: (each.sha256, each.row_count, each.stored_in, each.loaded_at) for name, each in entries.items()}


def _unknown(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Repair]:
    lost = [file for path in unknown_batches(connection, settings) for file in _deliveries_outside(path, settings)]
    if lost:
        what = str(copy_path(settings).relative_to(settings.home))
        found = f"does not name what has landed of {len(lost):,} files that the inbox has no more"
        yield Repair(what, found, f"deliver them again: {_named(lost)}", is_mended=False)


def _deliveries_outside(batch: Path, settings: Settings) -> list[str]:
    folder = batch.parent.relative_to(settings.landing)
    try:
        names = pq.read_table(batch, columns=["_source_file"]).column(0).unique().to_pylist()
    except (pa.ArrowException, OSError, KeyError):
        return [f"{folder}/{batch.name}, which cannot be read"]
    return [f"{folder}/{name}" for name in names if not (settings.inbox / folder / name).is_file()]


def _damage(file: Path, expected_rows: int) -> str | None:
    """Return what is wrong with a file: its pages have checksums, which Arrow compares and DuckDB does not."""
    if not file.is_file():
        return "is missing"
    try:
        # An older version of a batch may stand in a file that it shares, so there may be more rows than expected.
        parquet = pq.ParquetFile(file, page_checksum_verification=True)
        rows = sum(batch.num_rows for batch in parquet.iter_batches())
        with duckdb.connect() as reader:
            reader.execute("select max(hash(read)) from read_parquet(?) as read", [str(file)]).fetchall()
    except (pa.ArrowException, OSError, ValueError, duckdb.Error):
        return "cannot be read as a whole"
    return None if rows >= expected_rows else f"has {rows:,} rows, the ledger {expected_rows:,}"


def _lost_deliveries(settings: Settings, entries: list[LedgerEntry]) -> list[str]:
    files = {f"{entry.source}/{entry.stream}/{entry.source_file}" for entry in entries}
    return sorted(file for file in files if not (settings.inbox / file).is_file())


def _what_follows(count: int, lost: list[str]) -> str:
    if not lost:
        return f"`cdp sync` lands {'1 file' if count == 1 else f'{count:,} files'} of the inbox again"
    deliver = f"deliver again what the inbox has no more: {_named(lost)}"
    return f"{deliver}; or go on without it: `cdp source withdraw SOURCE/STREAM FILE`"


def _named(files: list[str]) -> str:
    more = f" and {len(files) - MAX_NAMED:,} more" if len(files) > MAX_NAMED else ""
    return ", ".join(files[:MAX_NAMED]) + more
