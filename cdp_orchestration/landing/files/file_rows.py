"""The rows of a file of any format that landing reads."""

from collections.abc import Iterator
from typing import BinaryIO

import duckdb

from cdp_orchestration.landing.files.csv_files import read_csv
from cdp_orchestration.landing.files.jsonl_files import read_jsonl
from cdp_orchestration.landing.files.member_columns import container_names, with_members, without_members
from cdp_orchestration.landing.files.parquet_files import read_parquet
from cdp_orchestration.landing.files.vendor_values import as_declared, vendor_names
from cdp_orchestration.landing.inbox import Format
from cdp_orchestration.landing.raw_rows import RawRows
from cdp_orchestration.sources import Stream


def read_rows(content: BinaryIO, kind: Format, stream: Stream, engine: duckdb.DuckDBPyConnection) -> Iterator[RawRows]:
    """Yield the rows of a file as they were delivered, by the names and words of the stream."""
    names = vendor_names(stream)
    rows = _as_written(content, kind, names.read, engine)
    return as_declared(rows, names) if names.is_anything_said else rows


def _as_written(
    content: BinaryIO, kind: Format, stream: Stream, engine: duckdb.DuckDBPyConnection
) -> Iterator[RawRows]:
    if kind == "jsonl":
        return read_jsonl(content, stream, engine)
    if not container_names(stream):
        return _of_table(content, kind, stream, engine)
    return with_members(_of_table(content, kind, without_members(stream), engine), stream)


def _of_table(content: BinaryIO, kind: Format, stream: Stream, engine: duckdb.DuckDBPyConnection) -> Iterator[RawRows]:
    if kind == "parquet":
        return read_parquet(content, stream, engine)
    return read_csv(content, stream, engine, is_sheet=kind == "sheet")
