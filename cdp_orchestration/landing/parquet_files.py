"""Read Parquet batch by batch; a row's line is its number in the file, from 1."""

from collections.abc import Iterator
from typing import BinaryIO

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.raw_rows import RawRows, as_raw_rows, check_header
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.streams import Stream
from cdp_orchestration.streams.limits import MAX_UNPACKED_BYTES

BATCH_ROWS = 100_000
MAX_EXACT_FLOAT = 2**53


def read_parquet(file: BinaryIO, stream: Stream, engine: duckdb.DuckDBPyConnection) -> Iterator[RawRows]:
    """Yield the rows of a Parquet file; times with a zone are converted to UTC, nested values as JSON text."""
    first_line = 1
    names: list[str] = []
    for table in _batches(file):
        if not names:
            names = table.column_names
            check_header(names, stream)
        _check_keys(table, stream)
        lines = range(first_line, first_line + table.num_rows)
        first_line += table.num_rows
        try:
            rows = as_raw_rows(engine, table, names, lines, [], stream)
        except duckdb.NotImplementedException:
            raise FileRefusedError(refusals.UNSUPPORTED_TYPE) from None
        yield rows


def _batches(file: BinaryIO) -> Iterator[pa.Table]:
    try:
        parquet = pq.ParquetFile(file)
        _refuse_if_too_large(parquet.metadata)
        yield _readable(parquet.schema_arrow.empty_table())
        for batch in parquet.iter_batches(batch_size=BATCH_ROWS):
            yield _readable(pa.Table.from_batches([batch]))
    except (pa.ArrowException, OSError):
        raise FileRefusedError(refusals.NOT_PARQUET) from None


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


def _check_keys(table: pa.Table, stream: Stream) -> None:
    """Refuse ids that were turned into floats and lost digits: two different ids may have become equal."""
    text_keys = [field.name for field in stream.fields if field.type == "text" and field.name in stream.key]
    for name in text_keys:
        column = table[name]
        if not pa.types.is_floating(column.type):
            continue
        is_exact = pc.and_(pc.equal(column, pc.floor(column)), pc.less(pc.abs(column), float(MAX_EXACT_FLOAT)))
        if pc.all(is_exact).as_py() is False:
            raise FileRefusedError(refusals.RETYPED_COLUMN, name)
