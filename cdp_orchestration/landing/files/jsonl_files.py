"""Read JSON: one object a line, or a document of rows; numbers as written, nested values as compact JSON text."""

import gc
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.contract.headings import listed, refuse_missing_column
from cdp_orchestration.landing.files.json_documents import is_document, read_document
from cdp_orchestration.landing.files.json_members import rename_members
from cdp_orchestration.landing.files.json_values import LONG_NUMBER, as_text, dumps, loads
from cdp_orchestration.landing.files.plain_json_lines import PART_OF_ANOTHER, plain_objects
from cdp_orchestration.landing.files.text_blocks import BLOCK_BYTES, BYTE_ORDER_MARK, LineBlock, line_blocks
from cdp_orchestration.landing.raw_rows import EXTRA, OpenEnd, RawRows, raw_table
from cdp_orchestration.landing.refusals import FileRefusedError, RefusedRow
from cdp_orchestration.sources import Field, Stream

ROWS_AT_A_TIME = 50_000


@dataclass
class _Objects:
    """Parsed rows with their lines, and what is none; ``open_end`` of the last lines of a file.

    Rows are emptied while they are read; ``again`` gives the same objects once more.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    lines: Sequence[int] = ()
    refused: list[RefusedRow] = field(default_factory=list)
    open_end: OpenEnd | None = None
    again: Callable[[], "_Objects"] = field(default=lambda: _Objects())


def read_jsonl(
    file: BinaryIO, stream: Stream, engine: duckdb.DuckDBPyConnection, block_bytes: int = BLOCK_BYTES
) -> Iterator[RawRows]:
    """Read the rows of a JSON file, block by block; blank lines are not rows.

    Args:
        file: the content, without gzip.
        stream: the stream that declares the fields.
        engine: a database in memory that computes on Arrow tables.
        block_bytes: how much is read at a time.

    Yields:
        The rows of one block, as text. A row of a JSON array or envelope has its number, from 1, for its line. A file
        that has parts of its objects as objects of their own raises FileRefusedError.
    """
    row_count, required_seen, found = 0, set[str](), dict[str, None]()
    for part in _parts(file, stream, engine, block_bytes):
        row_count += part.row_count
        required_seen |= part.names.intersection(stream.required)
        found.update(dict.fromkeys(part.first_names))
        yield part.rows
    missing = [name for name in stream.required if name not in required_seen]
    if row_count and missing:
        refuse_missing_column(missing[0], list(found))


@dataclass(frozen=True)
class _Part:
    """Rows with the names of their members, and of those of the first; ``row_count`` with those refused since."""

    rows: RawRows
    row_count: int
    names: frozenset[str]
    first_names: Sequence[str]


def _parts(file: BinaryIO, stream: Stream, engine: duckdb.DuckDBPyConnection, block_bytes: int) -> Iterator[_Part]:
    blocks = line_blocks(file, block_bytes)
    first = next(blocks)
    first_line = first.data.removeprefix(BYTE_ORDER_MARK).lstrip().partition(b"\n")[0]
    if is_document(first_line, stream):
        document = read_document(itertools.chain([first], blocks), stream)
        yield from (_part(objects, stream) for objects in _objects_of_document(document))
        return
    for block in itertools.chain([first], blocks):
        yield _plain_part(block, stream, engine) or _part(_objects_of_lines(block), stream)


def _plain_part(block: LineBlock, stream: Stream, engine: duckdb.DuckDBPyConnection) -> _Part | None:
    plain = plain_objects(_without_mark(block), stream, engine)
    if plain is None:
        return None
    undeclared = plain.names - {field.name for field in stream.fields}
    row_count = len(plain.columns[stream.fields[0].name])
    lines = range(block.first_line, block.first_line + row_count)
    open_end = None if not block.is_last or block.data.endswith(b"\n") else OpenEnd(lines[-1])
    missing = _missing(plain.names, stream)
    table = raw_table(stream, plain.columns, lines, plain.columns.get(EXTRA))
    rows = RawRows(
        table, [], undeclared, missing, open_end=open_end, is_from_json=True, is_looked_through=plain.is_looked_through
    )
    return _Part(rows, row_count, plain.names, plain.first_names)


def _part(objects: _Objects, stream: Stream) -> _Part:
    with _garbage_collector_paused():
        rename_members(objects.rows, stream)
        row_count = len(objects.rows)
        first_names = list(objects.rows[0]) if objects.rows else []
        required = frozenset(name for name in stream.required if any(name in row for row in objects.rows))
        missing = _missing(frozenset().union(*objects.rows), stream) if _asks_for_all(stream) else frozenset()
        try:
            columns = _columns(objects.rows, stream)
        except TypeError:  # a value nested so deeply that it can be read but not written
            objects = _without_deep_rows(objects.again())
            rename_members(objects.rows, stream)
            columns = _columns(objects.rows, stream)
        undeclared = frozenset[str]().union(*objects.rows)
        if PART_OF_ANOTHER in undeclared:
            raise FileRefusedError(refusals.GRAPHQL_EXPORT, PART_OF_ANOTHER, listed(first_names))
        extra = columns.pop(EXTRA) if undeclared else None
        objects.rows.clear()
    table = raw_table(stream, columns, objects.lines, extra)
    rows = RawRows(table, objects.refused, undeclared, missing, open_end=objects.open_end)
    return _Part(rows, row_count, required | undeclared, first_names)


def _objects_of_lines(block: LineBlock) -> _Objects:
    with _garbage_collector_paused():
        objects = _parse(block)
        objects.again = partial(_parse, block)
    return objects


def _objects_of_document(values: Iterator[Any]) -> Iterator[_Objects]:
    numbered = enumerate(values, start=1)
    while some := list(itertools.islice(numbered, ROWS_AT_A_TIME)):
        rows = [(number, value) for number, value in some if isinstance(value, dict)]
        copies = [dict(value) for _, value in rows]
        refused = [
            RefusedRow(number, refusals.NOT_AN_OBJECT, dumps(value).decode())
            for number, value in some
            if not isinstance(value, dict)
        ]
        lines = [number for number, _ in rows]
        objects = _Objects([value for _, value in rows], lines, refused)
        objects.again = partial(_Objects, copies, lines, refused)
        yield objects


@contextmanager
def _garbage_collector_paused() -> Iterator[None]:
    # Parsed JSON has no cycles, and looking for them in a million new objects takes most of the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _without_mark(block: LineBlock) -> bytes:
    return block.data.removeprefix(BYTE_ORDER_MARK) if block.first_line == 1 else block.data


def _parse(block: LineBlock) -> _Objects:
    data = _without_mark(block)
    texts = data.removesuffix(b"\n").split(b"\n")
    is_long = pc.match_substring_regex(pa.array(texts, pa.binary()), LONG_NUMBER)
    is_open = block.is_last and not data.endswith(b"\n")
    open_end = OpenEnd(block.first_line + len(texts) - 1) if is_open else None
    if not pc.any(is_long).as_py():
        try:
            rows = list(map(orjson.loads, texts))
        except ValueError:
            rows = [None]
        if all(isinstance(row, dict) for row in rows):
            return _Objects(rows, range(block.first_line, block.first_line + len(rows)), [], open_end)
    return _parse_line_by_line(texts, is_long.to_pylist(), block.first_line, open_end)


def _asks_for_all(stream: Stream) -> bool:
    """Return whether it matters which fields are missing. Objects may lack any, unless the contract asks for all."""
    return stream.schema_contract.missing == "freeze"


def _missing(names: frozenset[str], stream: Stream) -> frozenset[str]:
    """Return the declared fields that no row has, where that matters."""
    return frozenset(field.name for field in stream.fields) - names if _asks_for_all(stream) else frozenset()


def _columns(rows: list[dict[str, Any]], stream: Stream) -> dict[str, pa.Array]:
    """Take the declared fields out of the rows, each as text; what is left of a row is the JSON text ``EXTRA``."""
    columns = {field.name: _column(field, rows) for field in stream.fields}
    return {**columns, EXTRA: pa.array([dumps(row) if row else None for row in rows], pa.string())}


def _without_deep_rows(objects: _Objects) -> _Objects:
    kept = _Objects(refused=list(objects.refused), open_end=objects.open_end)
    lines: list[int] = []
    for row, line in zip(objects.rows, objects.lines, strict=True):
        deep = next((name for name, value in row.items() if not _is_writable(value)), None)
        if deep is None:
            kept.rows.append(row)
            lines.append(line)
        else:
            kept.refused.append(RefusedRow(line, refusals.NESTED_TOO_DEEPLY, None, deep))
    kept.lines = lines
    return kept


def _is_writable(value: object) -> bool:
    try:
        dumps(value)
    except TypeError:
        return False
    return True


def _parse_line_by_line(texts: list[bytes], is_long: list[bool], first_line: int, open_end: OpenEnd | None) -> _Objects:
    rows, lines, refused = [], [], []
    for number, (text, is_exact_needed) in enumerate(zip(texts, is_long, strict=True), start=first_line):
        try:
            row = loads(text, exactly=is_exact_needed)
        except (ValueError, RecursionError):
            if text.strip():
                refused.append(RefusedRow(number, refusals.INVALID_JSON, text.decode("utf-8")))
            continue
        if isinstance(row, dict):
            rows.append(row)
            lines.append(number)
        else:
            refused.append(RefusedRow(number, refusals.NOT_AN_OBJECT, text.decode("utf-8")))
    return _Objects(rows, lines, refused, open_end)


def _column(field: Field, rows: list[dict[str, Any]]) -> pa.Array:
    """Take a declared field out of every row, as text."""
    values = [row.pop(field.name, None) for row in rows]
    if field.type == "json":
        return pa.array([None if value is None else dumps(value) for value in values], pa.string())
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([value if value is None else as_text(value) for value in values], pa.string())
