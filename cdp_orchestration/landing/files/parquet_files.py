"""Read Parquet batch by batch; a row's line is its number in the file, from 1."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.contract.headings import check_headings
from cdp_orchestration.landing.files.plain_types import plain_types
from cdp_orchestration.landing.raw_rows import RawRows, as_raw_rows
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.limits import MAX_UNPACKED_BYTES

BATCH_ROWS = 50_000
READ_ROWS = 25_000  # at a time: much memory at once costs more to get than to fill
MAX_EXACT_FLOATS = {pa.float64(): 2**53, pa.float32(): 2**24}


def read_parquet(file: BinaryIO, stream: Stream, engine: duckdb.DuckDBPyConnection) -> Iterator[RawRows]:
    """Yield the rows of a Parquet file; times with a zone are converted to UTC, nested values as JSON text."""
    first_line = 1
    names: list[str] = []
    left_out = frozenset[str]()
    for delivered in _batches(file):
        names = names or check_headings(delivered.column_names, stream)
        table, left_out = _without_bytes(delivered.rename_columns(names), stream)
        table = plain_types(_readable(table))
        _check_identifiers(table, stream)
        lines = range(first_line, first_line + table.num_rows)
        first_line += table.num_rows
        try:
            rows = as_raw_rows(engine, table, table.column_names, lines, [], stream)
        except (duckdb.NotImplementedException, duckdb.ConversionException):
            raise FileRefusedError(refusals.UNSUPPORTED_TYPE, _unreadable(engine, table)) from None
        yield replace(rows, left_out=left_out)


def _batches(file: BinaryIO) -> Iterator[pa.Table]:
    try:
        # Nanoseconds hold no year before 1677 or after 2262: a time of another year would wrap into a wrong one.
        parquet = pq.ParquetFile(file, coerce_int96_timestamp_unit="us")
        _refuse_if_too_large(parquet.metadata)
        yield parquet.schema_arrow.empty_table()
        batches = parquet.iter_batches(batch_size=READ_ROWS)
        while some := list(itertools.islice(batches, BATCH_ROWS // READ_ROWS)):
            yield pa.Table.from_batches(some)
    except (pa.ArrowException, OSError):
        raise FileRefusedError(refusals.NOT_PARQUET) from None


def _unreadable(engine: duckdb.DuckDBPyConnection, table: pa.Table) -> str | None:
    """Return the first column that the engine cannot read."""
    for column in table.schema:
        try:
            engine.from_arrow(table.select([column.name])).limit(0).fetchall()
        except duckdb.NotImplementedException:
            return str(column.name)
    return None


def _without_bytes(table: pa.Table, stream: Stream) -> tuple[pa.Table, frozenset[str]]:
    """Leave out undeclared columns of bytes, such as geometries: they are no text that could be kept beside the row."""
    declared = {field.name for field in stream.fields}
    left_out = {field.name for field in table.schema if field.name not in declared and _is_bytes(field.type)}
    return table.drop_columns(sorted(left_out)), frozenset(left_out)


def _is_bytes(kind: pa.DataType) -> bool:
    stored = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    return bool(
        pa.types.is_binary(stored)
        or pa.types.is_large_binary(stored)
        or pa.types.is_binary_view(stored)
        or pa.types.is_fixed_size_binary(stored)
    )


def _refuse_if_too_large(metadata: pq.FileMetaData) -> None:
    groups = (metadata.row_group(index) for index in range(metadata.num_row_groups))
    if sum(group.total_byte_size for group in groups) > MAX_UNPACKED_BYTES:
        raise FileRefusedError(refusals.UNPACKED_TOO_LARGE)


def _readable(table: pa.Table) -> pa.Table:
    """Return the same rows with checked text: writers may store text as bytes, and bytes that are not UTF-8 as text."""
    try:
        for index, field in enumerate(table.schema):
            if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
                table = table.set_column(index, field.name, pc.cast(table.column(index), pa.large_string()))
        table.validate(full=True)
    except pa.ArrowInvalid:
        raise FileRefusedError(refusals.NOT_UTF8) from None
    return table


def _check_identifiers(table: pa.Table, stream: Stream) -> None:
    """Refuse ids that were turned into floats and lost digits: two different ids may have become equal."""
    for field in stream.fields:
        if not field.is_identifier or field.name not in table.column_names:
            continue
        column = table[field.name]
        if not pa.types.is_floating(column.type):
            continue
        limit = float(MAX_EXACT_FLOATS.get(column.type, 0))
        filled = column.filter(pc.invert(pc.is_null(column, nan_is_null=True)))
        is_exact = pc.and_(pc.equal(filled, pc.floor(filled)), pc.less(pc.abs(filled), limit))
        if pc.all(is_exact).as_py() is False:
            raise FileRefusedError(refusals.RETYPED_COLUMN, field.name)
