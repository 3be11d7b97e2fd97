"""Turn one delivered file into one immutable batch: ``landing/<source>/<stream>/<batch_id>.parquet``.

The name of a batch follows from the file's path and content, so that a run that was killed between the Parquet
file and the ledger writes the same file again.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import BinaryIO

import duckdb
import pyarrow as pa

from cdp_orchestration.home.durable_files import DurableParquet, arrow_schema
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.batch_ids import batch_id, refused_version
from cdp_orchestration.landing.clocks import CorrectedTimes
from cdp_orchestration.landing.contents import (
    content_sha256,
    open_delivery,
    refuse_if_changed,
    size_and_time,
    unpacked,
)
from cdp_orchestration.landing.contract import CheckedRows, check_rows
from cdp_orchestration.landing.csv_files import read_csv
from cdp_orchestration.landing.inbox import Delivery, Format
from cdp_orchestration.landing.jsonl_files import read_jsonl
from cdp_orchestration.landing.ledger import LedgerEntry, batch_path, quarantine_path
from cdp_orchestration.landing.parquet_files import read_parquet
from cdp_orchestration.landing.quarantine import quarantine_schema, quarantine_table
from cdp_orchestration.landing.raw_rows import SOURCE_LINE, OpenEnd, RawRows, landed_types
from cdp_orchestration.landing.refusals import UNFINISHED_FILE, FileRefusedError, RefusedRow
from cdp_orchestration.landing.retyped_columns import RetypedColumns
from cdp_orchestration.landing.schema_contract import SchemaCheck
from cdp_orchestration.sources import Stream

_TIME = re.compile("0000-00-00[T ]00")


@dataclass
class _Batch:
    """A batch that is being written, with its refusals; nothing is in place before ``publish``."""

    entry: LedgerEntry
    rows: DurableParquet
    quarantine: DurableParquet
    refused_row_count: int = 0
    refused_value_count: int = 0
    refused_by_reason: Counter[str] = field(default_factory=Counter)
    corrected: CorrectedTimes = field(default_factory=Counter)
    undeclared: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)

    def add(self, checked: CheckedRows, raw: RawRows) -> None:
        self.rows.write(_with_origin(checked.good, self.entry, self.rows.schema))
        self.undeclared |= raw.undeclared
        self.missing |= raw.missing
        self.left_out |= raw.left_out
        self.corrected += checked.corrected
        if checked.refused:
            self.quarantine.write(quarantine_table(checked.refused, self.entry))
            self.refused_row_count += len({row.source_line for row in checked.refused if not row.is_row_landed})
            self.refused_value_count += sum(row.is_row_landed for row in checked.refused)
            self.refused_by_reason.update(row.reason for row in checked.refused)

    def publish(self) -> LedgerEntry:
        if self.quarantine.row_count:
            self.quarantine.publish()
        self.rows.publish()
        return replace(
            self.entry,
            row_count=self.rows.row_count,
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
        with open_delivery(delivery) as file:
            before = size_and_time(file)
            sha256 = content_sha256(file)
            entry = _entry(delivery, stream, loaded_at, sha256)
            if latest and latest.is_landed and latest.batch_id == entry.batch_id:
                return replace(latest, size_bytes=delivery.size_bytes, modified_ns=delivery.modified_ns)
            with unpacked(file, delivery) as (content, kind), _open_batch(entry, stream, settings) as batch:
                with _engine_failures_refused():
                    _fill(batch, _read(content, kind, stream, engine), stream, engine)
                refuse_if_changed(file, before)
                return batch.publish()
    except FileRefusedError as refusal:
        return _refuse(refusal, delivery, loaded_at, stream, settings)


@contextmanager
def _engine_failures_refused() -> Iterator[None]:
    # One file must not stop the other files of its stream. A full disk is an OSError and stops the run.
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.OutOfRangeException, pa.ArrowCapacityError, RecursionError):
        raise FileRefusedError(refusals.NOT_PROCESSABLE) from None


def _read(content: BinaryIO, kind: Format, stream: Stream, engine: duckdb.DuckDBPyConnection) -> Iterator[RawRows]:
    if kind == "csv":
        return read_csv(content, stream, engine)
    if kind == "jsonl":
        return read_jsonl(content, stream)
    return read_parquet(content, stream, engine)


@contextmanager
def _open_batch(entry: LedgerEntry, stream: Stream, settings: Settings) -> Iterator[_Batch]:
    with (
        DurableParquet(batch_path(settings, entry), arrow_schema(landed_types(stream))) as rows,
        DurableParquet(quarantine_path(settings, entry), quarantine_schema()) as quarantine,
    ):
        yield _Batch(entry, rows, quarantine)


def _fill(batch: _Batch, rows: Iterator[RawRows], stream: Stream, engine: duckdb.DuckDBPyConnection) -> None:
    schema, retyped = SchemaCheck(stream), RetypedColumns(stream)
    for delivered in rows:
        raw = schema.admit(delivered)
        checked = check_rows(engine, raw, stream, batch.entry.loaded_at)
        _refuse_if_cut_off(raw, checked)
        retyped.add(checked)
        batch.add(checked, raw)
    schema.refuse_if_missing()
    retyped.refuse_if_any()


def _refuse_if_cut_off(raw: RawRows, checked: CheckedRows) -> None:
    """Refuse a file whose last line has no end and is broken where a cut would break it: it is still being written."""
    end = raw.open_end
    if end is None:
        return
    for row in checked.refused:
        if row.source_line == end.line and row.field in (None, end.column):
            raise FileRefusedError(UNFINISHED_FILE, found=f"line {end.line}")
    if _is_time_cut_off(raw, end):
        raise FileRefusedError(UNFINISHED_FILE, found=f"line {end.line}")


def _is_time_cut_off(raw: RawRows, end: OpenEnd) -> bool:
    """Return whether the last value is a time that is shorter than all others: a part of a time may be a time too."""
    if end.column not in raw.table.column_names or not raw.table.num_rows:
        return False
    *others, last = raw.table[end.column].to_pylist()
    forms = {_form_of_time(other) for other in others if other}
    if len(forms) != 1 or not last or raw.table[SOURCE_LINE][-1].as_py() != end.line:
        return False
    (form,) = forms
    return bool(_TIME.match(form)) and len(_form_of_time(last)) < len(form)


def _form_of_time(written: str) -> str:
    return re.sub("[0-9]", "0", re.sub(r"\.[0-9]+", "", written.strip()))


def _with_origin(good: pa.Table, entry: LedgerEntry, schema: pa.Schema) -> pa.Table:
    origin = {"_batch_id": entry.batch_id, "_loaded_at": entry.loaded_at, "_source_file": entry.source_file}
    columns = [
        pa.repeat(pa.scalar(origin[name], kind), good.num_rows) if name in origin else good[name]
        for name, kind in zip(schema.names, schema.types, strict=True)
    ]
    return pa.table(columns, schema=schema)


def _entry(delivery: Delivery, stream: Stream, loaded_at: datetime, content: str) -> LedgerEntry:
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


def _refuse(
    refusal: FileRefusedError, delivery: Delivery, loaded_at: datetime, stream: Stream, settings: Settings
) -> LedgerEntry:
    """Write the one quarantine row of a file that is refused as a whole."""
    version = refused_version(delivery.size_bytes, delivery.modified_ns, refusal.reason)
    entry = replace(
        _entry(delivery, stream, loaded_at, version),
        sha256=None,
        status="refused",
        reason=refusal.reason,
        refused_by_reason={refusal.reason: 1},
    )
    row = RefusedRow(None, refusal.reason, raw_row=None, field=refusal.field, found=refusal.found)
    with DurableParquet(quarantine_path(settings, entry), quarantine_schema()) as quarantine:
        quarantine.write(quarantine_table([row], entry))
        quarantine.publish()
    return entry
