"""Read JSON Lines: one object a line, numbers as written, nested values as compact JSON text."""

import gc
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.contents import BLOCK_BYTES, LineBlock, line_blocks
from cdp_orchestration.landing.raw_rows import EXTRA, RawRows, raw_table
from cdp_orchestration.landing.refusals import FileRefusedError, RefusedRow
from cdp_orchestration.streams import Field, Stream

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# 15 digits survive a float, 18 an integer of 64 bits: longer numbers stay text.
LONG_NUMBER = r"[:,\[]\s*-?[0-9][0-9.]{15}"


class _NumberText(str):
    """A number too long for a float or an integer of 64 bits, as written."""


def read_jsonl(file: BinaryIO, stream: Stream, block_bytes: int = BLOCK_BYTES) -> Iterator[RawRows]:
    """Read the rows of a JSON Lines file, block by block; blank lines are not rows.

    Args:
        file: the content, without gzip.
        stream: the stream that declares the fields.
        block_bytes: how much is read at a time.

    Yields:
        The rows of one block, as text.

    Raises:
        FileRefusedError: no object of the whole file has one of the key or cursor columns.
    """
    row_count, required_seen = 0, set[str]()
    for block in line_blocks(file, block_bytes):
        with _garbage_collector_paused():
            rows, lines, refused = _parse(block)
            row_count += len(rows)
            required_seen.update(name for name in stream.required if any(name in row for row in rows))
            try:
                columns = _columns(rows, stream)
            except TypeError:  # a value nested so deeply that it can be read but not written
                rows, lines, refused = _without_deep_rows(*_parse(block))
                columns = _columns(rows, stream)
            undeclared = frozenset[str]().union(*rows)
            extra = columns.pop(EXTRA) if undeclared else None
            del rows
        yield RawRows(raw_table(stream, columns, lines, extra), refused, undeclared)
    missing = [name for name in stream.required if name not in required_seen]
    if row_count and missing:
        raise FileRefusedError(refusals.MISSING_COLUMN, missing[0])


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


def _parse(block: LineBlock) -> tuple[list[dict[str, Any]], Sequence[int], list[RefusedRow]]:
    data = block.data.removeprefix(BYTE_ORDER_MARK) if block.first_line == 1 else block.data
    texts = data.removesuffix(b"\n").split(b"\n")
    is_long = pc.match_substring_regex(pa.array(texts, pa.binary()), LONG_NUMBER)
    if not pc.any(is_long).as_py():
        try:
            rows = list(map(orjson.loads, texts))
        except ValueError:
            rows = [None]
        if all(isinstance(row, dict) for row in rows):
            return rows, range(block.first_line, block.first_line + len(rows)), []
    return _parse_line_by_line(texts, is_long.to_pylist(), block.first_line)


def _columns(rows: list[dict[str, Any]], stream: Stream) -> dict[str, pa.Array]:
    """Take the declared fields out of the rows, each as text; what is left of a row is the JSON text ``EXTRA``."""
    columns = {field.name: _column(field, rows) for field in stream.fields}
    return {**columns, EXTRA: pa.array([_dumps(row) if row else None for row in rows], pa.string())}


def _without_deep_rows(
    rows: list[dict[str, Any]], lines: Sequence[int], refused: list[RefusedRow]
) -> tuple[list[dict[str, Any]], list[int], list[RefusedRow]]:
    kept: list[tuple[dict[str, Any], int]] = []
    for row, line in zip(rows, lines, strict=True):
        field = next((name for name, value in row.items() if not _is_writable(value)), None)
        if field is None:
            kept.append((row, line))
        else:
            refused.append(RefusedRow(line, refusals.NESTED_TOO_DEEPLY, None, field))
    return [row for row, _ in kept], [line for _, line in kept], refused


def _is_writable(value: object) -> bool:
    try:
        _dumps(value)
    except TypeError:
        return False
    return True


def _parse_line_by_line(
    texts: list[bytes], is_long: list[bool], first_line: int
) -> tuple[list[dict[str, Any]], list[int], list[RefusedRow]]:
    rows, lines, refused = [], [], []
    for number, (text, is_exact_needed) in enumerate(zip(texts, is_long, strict=True), start=first_line):
        try:
            row = _loads_exactly(text) if is_exact_needed else orjson.loads(text)
        except ValueError:
            if text.strip():
                refused.append(RefusedRow(number, refusals.INVALID_JSON, text.decode("utf-8")))
            continue
        if isinstance(row, dict):
            rows.append(row)
            lines.append(number)
        else:
            refused.append(RefusedRow(number, refusals.NOT_AN_OBJECT, text.decode("utf-8")))
    return rows, lines, refused


def _loads_exactly(line: bytes) -> object:
    orjson.loads(line)  # the standard library is laxer: it takes NaN and lone surrogates
    return json.loads(line, parse_float=_NumberText, parse_int=_NumberText)


def _column(field: Field, rows: list[dict[str, Any]]) -> pa.Array:
    """Take a declared field out of every row, as text."""
    values = [row.pop(field.name, None) for row in rows]
    if field.type == "json":
        return pa.array([None if value is None else _dumps(value) for value in values], pa.string())
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([value if value is None else _text(value) for value in values], pa.string())


def _text(value: object) -> str | bytes:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    return _dumps(value)


def _dumps(value: object) -> bytes:
    return orjson.dumps(value, default=_number, option=orjson.OPT_PASSTHROUGH_SUBCLASS)


def _number(value: object) -> orjson.Fragment:
    return orjson.Fragment(str(value))
