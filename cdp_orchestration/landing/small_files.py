"""Many small files are checked and written together: what one costs beside its rows is paid once for all of them.

Each stays a batch of its own, with its own entry, lines and refusals; only the Parquet files are shared.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.home.durable_parquet import arrow_schema
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.batches import (
    Batch,
    engine_failures_refused,
    land_file,
    new_entry,
    open_files,
    publish,
    refused_batch,
)
from cdp_orchestration.landing.contract.checked_rows import CheckedRows, check_rows
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
from cdp_orchestration.landing.raw_rows import CORRECTED_TIMES, SOURCE_LINE, RawRows, landed_types
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.landing.storage.batch_ids import BATCH_ID_LENGTH
from cdp_orchestration.landing.storage.ledger import LedgerEntry
from cdp_orchestration.landing.storage.quarantine import quarantine_schema
from cdp_orchestration.sources import Stream

MAX_FILE_BYTES = 256 * 1024
MAX_PACKED_BYTES = 16 * 1024
MAX_WAITING_BYTES = 16 * 1024 * 1024
MAX_WAITING_FILES = 5_000
_LINE_BITS = 40  # of a line's number while the rows of several files are checked in one table


@dataclass
class _Gathered:
    """Rows that are kept until all are written at once."""

    schema: pa.Schema
    tables: list[pa.Table] = field(default_factory=list)

    def write(self, table: pa.Table) -> None:
        self.tables.append(table)


@dataclass
class _ReadFile:
    """A file whose rows wait to be checked, or that is refused already."""

    delivery: Delivery
    latest: LedgerEntry | None
    sha256: str = ""
    parts: list[RawRows] = field(default_factory=list)
    refusal: FileRefusedError | None = None


def is_small(delivery: Delivery) -> bool:
    """Return whether a file is so small that it is landed together with others."""
    return delivery.size_bytes <= (MAX_PACKED_BYTES if delivery.is_packed else MAX_FILE_BYTES)


class SmallFiles:
    """Small files of one stream that wait to be landed together."""

    def __init__(self, stream: Stream, settings: Settings, engine: duckdb.DuckDBPyConnection) -> None:
        """Begin without a file."""
        self._stream, self._settings, self._engine = stream, settings, engine
        self._files: list[_ReadFile] = []
        self._waiting_bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether no more should wait."""
        return self._waiting_bytes > MAX_WAITING_BYTES or len(self._files) >= MAX_WAITING_FILES

    def add(self, delivery: Delivery, latest: LedgerEntry | None) -> LedgerEntry | None:
        """Read a file; return its entry where its content has landed before, None where it waits."""
        found = _ReadFile(delivery, latest)
        try:
            with open_delivery(delivery, self._stream.files) as file:
                before = size_and_time(file)
                found.sha256 = content_sha256(file)
                entry = new_entry(delivery, self._stream, datetime.min, found.sha256)  # noqa: DTZ901
                if latest and latest.is_landed and latest.batch_id == entry.batch_id:
                    return replace(latest, size_bytes=delivery.size_bytes, modified_ns=delivery.modified_ns)
                forms = self._stream.files
                with unpacked(file, delivery, forms) as (content, kind), engine_failures_refused():
                    read = read_rows(content, kind, self._stream, self._engine)
                    rows = with_folder_values(read, delivery.source_file, self._stream)
                    found.parts = list(admitted(without_erased(rows, self._stream, self._settings), self._stream))
                refuse_if_changed(file, before)
        except FileRefusedError as refusal:
            found.parts, found.refusal = [], refusal
        self._files.append(found)
        self._waiting_bytes += sum(part.table.nbytes for part in found.parts)
        return None

    def land(self, loaded_at: datetime) -> list[LedgerEntry]:
        """Check and write what waits, all of it at one time of load; return the entries, not recorded yet."""
        files, self._files, self._waiting_bytes = self._files, [], 0
        if not files:
            return []
        if len(files) == 1:
            return [self._land_alone(files[0], loaded_at)]
        try:
            with engine_failures_refused():
                checked = self._check(files, loaded_at)
        except FileRefusedError:  # which of them the engine cannot hold shows when each is landed alone
            return [self._land_alone(file, loaded_at) for file in files]
        return self._write(files, checked, loaded_at)

    def _land_alone(self, file: _ReadFile, loaded_at: datetime) -> LedgerEntry:
        return land_file(
            file.delivery, file.latest, loaded_at, stream=self._stream, settings=self._settings, engine=self._engine
        )

    def _check(self, files: Sequence[_ReadFile], loaded_at: datetime) -> list[list[CheckedRows]]:
        """Return for each part of each file what its check alone would give."""
        parts = [part for file in files for part in file.parts]
        checked: dict[int, CheckedRows] = {}
        for has_decimal_comma in (False, True):
            chosen = [number for number, part in enumerate(parts) if part.has_decimal_comma == has_decimal_comma]
            if chosen:
                found = _check_together(self._engine, [parts[number] for number in chosen], self._stream, loaded_at)
                checked |= dict(zip(chosen, found, strict=True))
        numbers = iter(range(len(parts)))
        return [[checked[next(numbers)] for _ in file.parts] for file in files]

    def _write(
        self, files: Sequence[_ReadFile], checked: Sequence[Sequence[CheckedRows]], loaded_at: datetime
    ) -> list[LedgerEntry]:
        rows = _Gathered(arrow_schema(landed_types(self._stream)))
        refusals = _Gathered(quarantine_schema())
        entries = []
        for file, parts in zip(files, checked, strict=True):
            entry = self._gather(file, parts, loaded_at, rows, refusals)
            entries.append(entry)
        if not any(entry.is_landed for entry in entries) and not refusals.tables:
            return entries
        name = _shared_name(entries, loaded_at)
        entries = [replace(entry, stored_in=name) for entry in entries]
        with open_files(entries[0], self._stream, self._settings) as (rows_file, quarantine):
            for gathered, target in ((rows, rows_file), (refusals, quarantine)):
                if gathered.tables:
                    target.write(pa.concat_tables(gathered.tables).combine_chunks())
            publish(rows_file, quarantine)
        return entries

    def _gather(
        self,
        file: _ReadFile,
        parts: Sequence[CheckedRows],
        loaded_at: datetime,
        rows: _Gathered,
        refusals: _Gathered,
    ) -> LedgerEntry:
        """Return the entry of one file and keep its rows and refusals to be written."""
        own_rows, own_refusals = _Gathered(rows.schema), _Gathered(refusals.schema)
        try:
            if file.refusal:
                raise file.refusal
            batch = Batch(new_entry(file.delivery, self._stream, loaded_at, file.sha256), own_rows, own_refusals)
            retyped = RetypedColumns(self._stream)
            for raw, part in zip(file.parts, parts, strict=True):
                refuse_if_cut_off(raw, part)
                retyped.add(part)
                batch.add(part, raw)
            retyped.refuse_if_any()
        except FileRefusedError as refusal:
            entry, row = refused_batch(refusal, file.delivery, loaded_at, self._stream)
            if file.latest is None or file.latest.batch_id != entry.batch_id:
                refusals.write(row)  # else the quarantine has it, and the ledger names the file
            return entry
        rows.tables += own_rows.tables
        refusals.tables += own_refusals.tables
        return batch.counted()


def _shared_name(entries: Sequence[LedgerEntry], loaded_at: datetime) -> str:
    """Return the name of the file of several batches, which no later load has: it may hold some of them again."""
    names = "\0".join([loaded_at.isoformat(), *(entry.batch_id for entry in entries)])
    return hashlib.sha256(names.encode()).hexdigest()[:BATCH_ID_LENGTH]


def _check_together(
    engine: duckdb.DuckDBPyConnection, parts: Sequence[RawRows], stream: Stream, loaded_at: datetime
) -> list[CheckedRows]:
    """Check the rows of several files in one table, the number of the file in the upper bits of each line."""
    line = parts[0].table.column_names.index(SOURCE_LINE)
    marked = [
        part.table.set_column(line, SOURCE_LINE, pc.add(part.table[SOURCE_LINE], pa.scalar(number << _LINE_BITS)))
        for number, part in enumerate(parts)
    ]
    together = replace(parts[0], table=pa.concat_tables(marked).combine_chunks(), refused=[])
    checked = check_rows(engine, together, stream, loaded_at)
    positions = checked.good[SOURCE_LINE].to_numpy()
    ends = np.searchsorted(positions >> _LINE_BITS, np.arange(len(parts) + 1))
    lines = pa.array(positions & ((1 << _LINE_BITS) - 1), pa.int64())
    good = checked.good.set_column(checked.good.column_names.index(SOURCE_LINE), SOURCE_LINE, lines)
    refused = [list(part.refused) for part in parts]
    for row in checked.refused:
        number, own_line = divmod(row.source_line or 0, 1 << _LINE_BITS)
        refused[number].append(replace(row, source_line=own_line))
    slices = [good.slice(ends[number], ends[number + 1] - ends[number]) for number in range(len(parts))]
    return [CheckedRows(own, rows, _corrected(own)) for own, rows in zip(slices, refused, strict=True)]


def _corrected(rows: pa.Table) -> Counter[tuple[str, str]]:
    """Count the corrected times of some rows by field and rule."""
    written = rows[CORRECTED_TIMES]
    if written.null_count == rows.num_rows:
        return Counter()
    return Counter(rule for text in written.to_pylist() if text for rule in json.loads(text).items())
