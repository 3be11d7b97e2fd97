"""Take what is private out of old rows: of facts what people wrote, and what is declared ``sensitive`` besides.

The row stays with its ids, times, channel, amounts and the person that it names. Each file is written in one step, the
delivered one before the batch, so that a kill leaves a row as it was or as it is to be, and the same done again does
the rest.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdp_orchestration.home.durable_parquet import DurableParquet
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.landing.contract.checked_rows import check_rows
from cdp_orchestration.landing.erasure.erased_batches import ROWS_AT_A_TIME, note_changed
from cdp_orchestration.landing.erasure.erased_deliveries import NOT_WRITTEN_AGAIN, take_over
from cdp_orchestration.landing.erasure.named_people import personal_data_of
from cdp_orchestration.landing.files.written_deliveries import rewrite
from cdp_orchestration.landing.inbox import Delivery, find_deliveries
from cdp_orchestration.landing.raw_rows import EXTRA, SOURCE_LINE, RawRows, arrow_engine
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.landing.storage.ledger import LedgerEntry, batch_path, read_ledger
from cdp_orchestration.landing.storage.stored_hashes import note_written
from cdp_orchestration.landing.storage.views import has_view
from cdp_orchestration.sources import Stream


def private_fields(stream: Stream) -> tuple[str, ...]:
    """Return what old rows of a stream lose: nothing of people themselves, nor of a stream without a private field."""
    about = personal_data_of(stream)
    naming = {path[0] for path in about.named_by}
    found = [field.name for field in stream.fields if about.roles.get(field.name) == "sensitive"]
    private = [name for name in found if name not in naming and name not in stream.key]
    # What a company added beside them may be a text as well
    return () if about.are_people or not private else (*private, EXTRA)


def count_old(connection: duckdb.DuckDBPyConnection, stream: Stream, cutoff: datetime) -> int:
    """Return how many rows that have landed are older than a time, in UTC, and still have what is private."""
    if not private_fields(stream) or not has_view(connection, stream):
        return 0
    found = connection.execute(f"select count(*) from landing.{quoted(stream.table)} where {_is_old(stream, cutoff)}")
    row = found.fetchone()
    return int(row[0]) if row else 0


def coarsen_stream(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    settings: Settings,
    cutoff: datetime,
    *,
    is_inbox_rewritten: bool = True,
) -> int:
    """Write the files of a stream that hold old private values again without them; the caller holds the writer's lock.

    Args:
        connection: the warehouse.
        stream: the stream.
        settings: the home.
        cutoff: rows whose version is older lose them, in UTC; where versions have no time, that of landing counts.
        is_inbox_rewritten: whether delivered files are written again too.

    Returns:
        How many rows of batches have lost something.
    """
    if not private_fields(stream):
        return 0
    by_path: dict[Path, list[LedgerEntry]] = {}
    for entry in read_ledger(connection, stream):
        if entry.status != "refused":
            by_path.setdefault(batch_path(settings, entry), []).append(entry)
    count = 0
    for path, entries in sorted(by_path.items()):
        if not path.exists() or not _has_old(connection, path, stream, cutoff):
            continue
        if is_inbox_rewritten:
            _coarsen_deliveries(connection, entries, stream, settings, cutoff)
        note_changed(connection, stream, f"private values before {cutoff:%Y-%m-%d}")
        count += _coarsen_batch(path, stream, cutoff)
        note_written(settings, path, max(entry.loaded_at for entry in entries))
    return count


def _is_old(stream: Stream, cutoff: datetime) -> str:
    """Return the condition that a landed row is old and has something private."""
    has_one = " or ".join(f"{quoted(name)} is not null" for name in private_fields(stream))
    at = text_literal(f"{cutoff:%Y-%m-%d %H:%M:%S}")
    return f"{quoted(stream.cursor or '_loaded_at')} < timestamp {at} and ({has_one})"


def _has_old(connection: duckdb.DuckDBPyConnection, path: Path, stream: Stream, cutoff: datetime) -> bool:
    rows = f"read_parquet({text_literal(path)})"
    return bool(connection.execute(f"select 1 from {rows} where {_is_old(stream, cutoff)} limit 1").fetchall())


def _coarsen_batch(path: Path, stream: Stream, cutoff: datetime) -> int:
    count = 0
    with (
        arrow_engine() as engine,
        pq.ParquetFile(path) as stored,
        DurableParquet(path, stored.schema_arrow) as written,
    ):
        for batch in stored.iter_batches(ROWS_AT_A_TIME):
            part = pa.Table.from_batches([batch])
            is_old = _old_ones(engine, part, stream, cutoff)
            count += pc.sum(is_old).as_py() or 0
            written.write(_without_private(part, is_old, stream))
        written.publish()
    return count


def _old_ones(engine: duckdb.DuckDBPyConnection, rows: pa.Table, stream: Stream, cutoff: datetime) -> pa.ChunkedArray:
    engine.register("stored", rows)
    found = engine.execute(f"select coalesce({_is_old(stream, cutoff)}, false) as is_old from stored").to_arrow_table()
    engine.unregister("stored")
    return found["is_old"]


def _without_private(rows: pa.Table, is_old: pa.ChunkedArray | pa.Array, stream: Stream) -> pa.Table:
    for name in private_fields(stream):
        index = rows.column_names.index(name)
        kind = rows.schema.field(name)
        rows = rows.set_column(index, kind, pc.if_else(is_old, pa.nulls(rows.num_rows, kind.type), rows[name]))
    return rows


def _coarsen_deliveries(
    connection: duckdb.DuckDBPyConnection,
    entries: Sequence[LedgerEntry],
    stream: Stream,
    settings: Settings,
    cutoff: datetime,
) -> None:
    """Write the delivered files of a batch again, as far as they are still there as they landed."""
    by_file = {entry.source_file: entry for entry in entries}
    for delivery in find_deliveries(stream, settings):
        entry = by_file.get(delivery.source_file)
        if entry is None or not delivery.path.exists() or not _is_as_landed(delivery.path, entry):
            continue
        if _coarsen_delivery(delivery, entry, stream, cutoff):
            if _is_archive(delivery):
                delivery.path.unlink()  # its rows are in its batch
            else:
                take_over(connection, settings, entry, delivery)


def _coarsen_delivery(delivery: Delivery, entry: LedgerEntry, stream: Stream, cutoff: datetime) -> bool:
    """Write one delivered file again, if it is no archive; return whether anything of it is to change."""
    with arrow_engine() as engine:

        def change(raw: RawRows) -> tuple[pa.Table, bool]:
            old = set(_old_lines(engine, raw, entry, stream, cutoff))
            is_old = pa.array([line in old for line in raw.table[SOURCE_LINE].to_pylist()], pa.bool_())
            rows = _without_private(raw.table, is_old, stream)
            return rows, rows != raw.table

        try:
            return rewrite(delivery, stream, change, is_kept=_is_archive(delivery))
        except FileRefusedError:
            return False  # it has changed since it landed, and will land as it is now


def _is_archive(delivery: Delivery) -> bool:
    return delivery.path.name.lower().endswith(NOT_WRITTEN_AGAIN)


def _is_as_landed(path: Path, entry: LedgerEntry) -> bool:
    about = path.stat()
    return (about.st_size, about.st_mtime_ns) == (entry.size_bytes, entry.modified_ns)


def _old_lines(
    engine: duckdb.DuckDBPyConnection, raw: RawRows, entry: LedgerEntry, stream: Stream, cutoff: datetime
) -> Iterator[int]:
    good = check_rows(engine, raw, stream, entry.loaded_at).good
    if stream.cursor is None:
        times = pa.repeat(pa.scalar(entry.loaded_at, pa.timestamp("us")), good.num_rows)
        good = good.append_column("_loaded_at", times)
    yield from good.filter(_old_ones(engine, good, stream, cutoff))[SOURCE_LINE].to_pylist()
