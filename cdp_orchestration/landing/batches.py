"""Turn one delivered file into one immutable batch: ``landing/<source>/<stream>/<batch_id>.parquet``.

The name of a batch follows from the file's path and content, so that a run that was killed between the Parquet
file and the ledger writes the same file again.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import duckdb
import pyarrow as pa

from cdp_orchestration.home.durable_parquet import DurableParquet, arrow_schema
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.contract.checked_rows import CheckedRows, check_rows
from cdp_orchestration.landing.contract.clocks import CorrectedTimes
from cdp_orchestration.landing.contract.cut_off import refuse_if_cut_off
from cdp_orchestration.landing.contract.retyped_columns import RetypedColumns
from cdp_orchestration.landing.contract.schema_contract import admitted
from cdp_orchestration.landing.erasure.erased_rows import without_erased
from cdp_orchestration.landing.files.contents import (
    content_sha256,
    open_delivery,
    refuse_if_changed,
    size_and_time,
    unpacked,
)
from cdp_orchestration.landing.files.file_rows import read_rows
from cdp_orchestration.landing.files.folder_values import with_folder_values
from cdp_orchestration.landing.inbox import Delivery
from cdp_orchestration.landing.raw_rows import RawRows, landed_types, set_up
from cdp_orchestration.landing.reading_ahead import read_ahead
from cdp_orchestration.landing.refusals import FileRefusedError, RefusedRow
from cdp_orchestration.landing.storage.batch_ids import batch_id, refused_version
from cdp_orchestration.landing.storage.ledger import LedgerEntry, batch_path, quarantine_path
from cdp_orchestration.landing.storage.quarantine import quarantine_schema, quarantine_table
from cdp_orchestration.sources import Stream


class Sink(Protocol):
    """What takes rows of one schema."""

    schema: pa.Schema

    def write(self, table: pa.Table) -> None:
        """Append rows."""


@dataclass
class Batch:
    """A batch that is being made, with its refusals and their counts; nothing is in place before it is published."""

    entry: LedgerEntry
    rows: Sink
    quarantine: Sink
    row_count: int = 0
    refused_row_count: int = 0
    refused_value_count: int = 0
    refused_by_reason: Counter[str] = field(default_factory=Counter)
    corrected: CorrectedTimes = field(default_factory=Counter)
    undeclared: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)
    filled_row_count: int = 0

    def add(self, checked: CheckedRows, raw: RawRows) -> None:
        """Write some rows of the file, as they were checked."""
        self.row_count += checked.good.num_rows
        self.rows.write(_with_origin(checked.good, self.entry, self.rows.schema))
        self.undeclared |= raw.undeclared
        self.missing |= raw.missing
        self.left_out |= raw.left_out
        self.filled_row_count += raw.filled_count
        self.corrected += checked.corrected
        if checked.refused:
            self.quarantine.write(quarantine_table(checked.refused, self.entry))
            self.refused_row_count += len({row.source_line for row in checked.refused if not row.is_row_landed})
            self.refused_value_count += sum(row.is_row_landed for row in checked.refused)
            self.refused_by_reason.update(row.reason for row in checked.refused)

    def counted(self) -> LedgerEntry:
        """Return the entry of the batch with what it holds."""
        return replace(
            self.entry,
            row_count=self.row_count,
            refused_row_count=self.refused_row_count,
            refused_value_count=self.refused_value_count,
            refused_by_reason=dict(self.refused_by_reason),
            corrected_times=[
                {"field": name, "rule": rule, "row_count": count}
                for (name, rule), count in sorted(self.corrected.items())
            ],
            undeclared_columns=sorted(self.undeclared),
            missing_columns=sorted(self.missing),
            left_out_columns=sorted(self.left_out),
            filled_row_count=self.filled_row_count,
        )


def land_file(
    delivery: Delivery,
    latest: LedgerEntry | None,
    loaded_at: datetime,
    *,
    stream: Stream,
    settings: Settings,
    engine: duckdb.DuckDBPyConnection,
) -> LedgerEntry:
    """Write the batch of one file, and its refusals into the quarantine.

    A file that cannot be read raises nothing: its entry has the status refused.

    Args:
        delivery: the file.
        latest: the newest ledger entry of the same path, if there is one; its content is not landed twice.
        loaded_at: the time of this load, in UTC.
        stream: the stream that the file belongs to.
        settings: where batches and quarantine lie.
        engine: a database in memory that computes on Arrow tables.

    Returns:
        The entry of this version of the file; the caller records it in the ledger.
    """
    try:
        with open_delivery(delivery, stream.files) as file:
            before = size_and_time(file)
            sha256 = content_sha256(file)
            entry = new_entry(delivery, stream, loaded_at, sha256)
            if latest and latest.is_landed and latest.batch_id == entry.batch_id:
                return replace(latest, size_bytes=delivery.size_bytes, modified_ns=delivery.modified_ns)
            with (
                unpacked(file, delivery, stream.files) as (content, kind),
                open_files(entry, stream, settings) as (rows, quarantine),
            ):
                batch = Batch(entry, rows, quarantine)
                with engine_failures_refused(), engine.cursor() as reader:
                    set_up(reader)
                    read = with_folder_values(read_rows(content, kind, stream, reader), delivery.source_file, stream)
                    with closing(read_ahead(read)) as found:
                        _fill(batch, without_erased(found, stream, settings), stream, engine)
                refuse_if_changed(file, before)
                publish(rows, quarantine)
                return batch.counted()
    except FileRefusedError as refusal:
        return _refuse(refusal, delivery, loaded_at, stream, settings)


@contextmanager
def engine_failures_refused() -> Iterator[None]:
    """Refuse the file that the engine cannot hold."""
    # One file must not stop the other files of its stream. A full disk is an OSError and stops the run.
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.OutOfRangeException, pa.ArrowCapacityError, RecursionError):
        raise FileRefusedError(refusals.NOT_PROCESSABLE) from None


@contextmanager
def open_files(
    entry: LedgerEntry, stream: Stream, settings: Settings
) -> Iterator[tuple[DurableParquet, DurableParquet]]:
    """Begin the file of the rows and that of the refusals of a batch; what is not published leaves nothing."""
    with (
        DurableParquet(batch_path(settings, entry), arrow_schema(landed_types(stream))) as rows,
        DurableParquet(quarantine_path(settings, entry), quarantine_schema()) as quarantine,
    ):
        yield rows, quarantine


def publish(rows: DurableParquet, quarantine: DurableParquet) -> None:
    """Put both files in place, that of the refusals where there are any."""
    if quarantine.row_count:
        quarantine.publish()
    rows.publish()


def _fill(batch: Batch, rows: Iterator[RawRows], stream: Stream, engine: duckdb.DuckDBPyConnection) -> None:
    retyped = RetypedColumns(stream)
    each = ((raw, check_rows(engine, raw, stream, batch.entry.loaded_at)) for raw in admitted(rows, stream))
    with closing(read_ahead(each)) as found:
        for raw, checked in found:
            refuse_if_cut_off(raw, checked)
            retyped.add(checked)
            batch.add(checked, raw)
    retyped.refuse_if_any()


def _with_origin(good: pa.Table, entry: LedgerEntry, schema: pa.Schema) -> pa.Table:
    origin = {"_batch_id": entry.batch_id, "_loaded_at": entry.loaded_at, "_source_file": entry.source_file}
    columns = [
        pa.repeat(pa.scalar(origin[name], kind), good.num_rows) if name in origin else good[name]
        for name, kind in zip(schema.names, schema.types, strict=True)
    ]
    return pa.table(columns, schema=schema)


def new_entry(delivery: Delivery, stream: Stream, loaded_at: datetime, content: str) -> LedgerEntry:
    """Return the entry of one version of a file, without counts."""
    return LedgerEntry(
        batch_id=batch_id(stream, delivery.source_file, content),
        source=stream.source,
        stream=stream.name,
        source_file=delivery.source_file,
        size_bytes=delivery.size_bytes,
        modified_ns=delivery.modified_ns,
        sha256=content,
        status="landed",
        loaded_at=loaded_at,
    )


def refused_batch(
    refusal: FileRefusedError, delivery: Delivery, loaded_at: datetime, stream: Stream
) -> tuple[LedgerEntry, pa.Table]:
    """Return the entry of a file that is refused as a whole, and its one row for the quarantine."""
    version = refused_version(delivery.size_bytes, delivery.modified_ns, refusal.reason)
    entry = replace(
        new_entry(delivery, stream, loaded_at, version),
        sha256=None,
        status="refused",
        reason=refusal.reason,
        refused_by_reason={refusal.reason: 1},
    )
    row = RefusedRow(None, refusal.reason, raw_row=None, field=refusal.field, found=refusal.found)
    return entry, quarantine_table([row], entry)


def _refuse(
    refusal: FileRefusedError, delivery: Delivery, loaded_at: datetime, stream: Stream, settings: Settings
) -> LedgerEntry:
    entry, row = refused_batch(refusal, delivery, loaded_at, stream)
    with DurableParquet(quarantine_path(settings, entry), quarantine_schema()) as quarantine:
        quarantine.write(row)
        quarantine.publish()
    return entry
