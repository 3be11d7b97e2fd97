"""Read CSV so that a broken line loses only itself, and line numbers are those of the file.

Lines of which each is certainly one row are parsed by Arrow: those without any quote, and those in which each quote
stands where the rules of CSV want it. All others go through the strict parser of the standard library, which says where
each row starts.
"""

import csv
import io
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import duckdb
import pyarrow as pa

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.files.delimited_header import one_sign, read_header
from cdp_orchestration.landing.files.delimited_rows import as_meant, only_rows
from cdp_orchestration.landing.files.delimited_signs import Signs
from cdp_orchestration.landing.files.plain_delimited_lines import Part, plain_lines
from cdp_orchestration.landing.files.short_rows import Widths, short_rows
from cdp_orchestration.landing.files.text_blocks import BLOCK_BYTES, LineBlock, line_blocks
from cdp_orchestration.landing.raw_rows import OpenEnd, RawRows, as_raw_rows
from cdp_orchestration.landing.refusals import RefusedRow
from cdp_orchestration.sources import Stream

MAX_LINES_PER_ROW = 1000
PIECE_BYTES = 256 * 1024
_END_OF_FILE = b"\x1a"


@dataclass(frozen=True)
class _Form:
    """How many values each row of a file has, and its signs."""

    widths: Widths
    signs: Signs

    @property
    def width(self) -> int:
        """How many values a whole row has."""
        return self.widths.full


@dataclass
class _Filled:
    """How many rows of a block were filled."""

    count: int = 0


@dataclass
class ParsedRows:
    """Rows of one block: ``starts`` holds each row's first line, ``unfinished`` the lines of a row cut by the block."""

    rows: list[list[str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    filled_count: int = 0


def read_csv(
    file: BinaryIO,
    stream: Stream,
    engine: duckdb.DuckDBPyConnection,
    block_bytes: int = BLOCK_BYTES,
    *,
    is_sheet: bool = False,
) -> Iterator[RawRows]:
    """Yield the rows of a delimited text, or of a sheet of a workbook as such, block by block; empty text is null."""
    if is_sheet:  # declared signs are those of texts
        signs_of_texts = dict.fromkeys(("separator", "quote", "escape"))
        stream = replace(stream, files=stream.files.model_copy(update=signs_of_texts))
    skipped = stream.files.skip_lines
    blocks = line_blocks(file, block_bytes, may_be_empty=bool(stream.files.columns) and not skipped)
    blocks = (_readable(block, stream.files.separator) for block in blocks)
    first = _with_header(blocks, skipped)
    header = read_header(first.data, stream)
    form = _Form(_widths(header.names, stream), header.signs)
    carried: list[str] = []
    for block in itertools.chain([LineBlock(header.first_line, header.body, first.is_last)], blocks):
        whole = None if carried else plain_lines(block, form.signs, form.width)
        filled = _Filled()
        table, lines, refused = whole or _joined(_parts(block, carried, form, filled))
        table, refused = as_meant(table, refused, stream.files.separator)
        table, lines = only_rows(table, lines, header.headings)
        rows = as_raw_rows(engine, table, header.names, lines, refused, stream)
        end, has_comma = _open_end(block, header.names), form.signs.delimiter == ";"
        yield replace(rows, has_decimal_comma=has_comma, open_end=end, filled_count=filled.count)


def _widths(names: list[str], stream: Stream) -> Widths:
    needed = [names.index(name) + 1 for name in stream.required if name in names]
    # One value alone is a remnant or a title sooner than a row
    return Widths(len(names), max([2, *needed]), has_time=stream.cursor in names)


def _readable(block: LineBlock, separator: str | None) -> LineBlock:
    """Return a block without the mark of its end that some systems write, and with one sign for a longer separator."""
    data = block.data.rstrip(_END_OF_FILE) if block.is_last else block.data
    if separator and len(separator) > 1:
        data = data.replace(separator.encode(), one_sign(separator).encode())
    return block if data is block.data else replace(block, data=data)


def _with_header(blocks: Iterator[LineBlock], skipped: int) -> LineBlock:
    """Return the first blocks as one that has the header, below so many lines."""
    first = next(blocks)
    while not first.is_last and first.data.count(b"\n") <= skipped:
        following = next(blocks)
        first = LineBlock(first.first_line, first.data + following.data, following.is_last)
    return first


def _parts(block: LineBlock, carried: list[str], form: _Form, filled: _Filled) -> Iterator[Part]:
    """Yield the rows of a block with lines that are not plain; ``carried`` are the lines of a row that is cut by it."""
    for piece in _pieces(block):
        plain = None if carried else plain_lines(piece, form.signs, form.width)
        if plain:
            yield plain
        else:
            parsed = _with_quotes(piece, carried, form)
            carried[:] = parsed.unfinished
            filled.count += parsed.filled_count
            yield _table(parsed.rows, form), parsed.starts, parsed.refused


def _pieces(block: LineBlock) -> Iterator[LineBlock]:
    """Cut a block once more, so that a value over several lines or a broken one makes few lines go the slow way."""
    if not block.data:
        yield block  # with which the lines of a row that is cut by it end
    first_line, begin = block.first_line, 0
    while begin < len(block.data):
        end = block.data.rfind(b"\n", begin, begin + PIECE_BYTES) + 1
        end = end or block.data.find(b"\n", begin) + 1 or len(block.data)
        data = block.data[begin:end]
        yield LineBlock(first_line, data, block.is_last and end == len(block.data))
        first_line, begin = first_line + data.count(b"\n"), end


def _joined(parts: Iterable[Part]) -> Part:
    tables: list[pa.Table] = []
    lines: list[int] = []
    refused: list[RefusedRow] = []
    for table, some_lines, some_refused in parts:
        tables.append(table)
        lines += some_lines
        refused += some_refused
    return pa.concat_tables(tables).combine_chunks(), lines, refused


def _open_end(block: LineBlock, names: list[str]) -> OpenEnd | None:
    if not block.is_last or not block.data or block.data.endswith(b"\n"):
        return None
    return OpenEnd(block.first_line + block.data.count(b"\n"), names[-1])


def _with_quotes(block: LineBlock, carried: list[str], form: _Form) -> ParsedRows:
    # Only "\n" ends a line here; str.splitlines would also cut at form feeds and Unicode separators.
    lines = [*carried, *io.StringIO(block.data.decode("utf-8"), newline="\n")]
    first_line = block.first_line - len(carried)
    marked = form.signs.marked(lines)
    parsed = ParsedRows()
    position = 0
    with _fields_of_any_size():
        while position < len(lines):
            taken, reason = _parse_run(marked, position, form, first_line, parsed)
            position += taken
            if reason is None:
                continue
            cut_by_block = reason == _CUT_OFF and not block.is_last
            if cut_by_block and len(lines) - position <= MAX_LINES_PER_ROW:
                parsed.unfinished = lines[position:]
                break
            reason = refusals.BROKEN_QUOTE if reason == _CUT_OFF else reason
            parsed.refused.append(RefusedRow(first_line + position, reason, lines[position].rstrip("\r\n")))
            position += 1
    return _with_short_rows(parsed, form, lines, first_line, is_last=block.is_last)


def _with_short_rows(
    parsed: ParsedRows, form: _Form, lines: Sequence[str], first_line: int, *, is_last: bool
) -> ParsedRows:
    """Return the rows with those among the refused lines that lack nothing but empty values at their end."""
    # One that has no end may be cut off
    cut = first_line + len(lines) - 1 if is_last and lines and not lines[-1].endswith("\n") else None
    whole = [row for row in parsed.refused if row.source_line != cut]
    found = dict(short_rows(whole, form.signs, form.widths))
    if not found:
        return parsed
    rows = sorted([*zip(parsed.starts, parsed.rows, strict=True), *found.items()])
    refused = [row for row in parsed.refused if row.source_line not in found]
    return ParsedRows([row for _, row in rows], [line for line, _ in rows], refused, parsed.unfinished, len(found))


_CUT_OFF = "cut_off"


def _parse_run(
    lines: Sequence[str], begin: int, form: _Form, first_line: int, parsed: ParsedRows
) -> tuple[int, str | None]:
    """Add good rows from ``begin`` on; return how many lines they took and why the next line is not a good row."""
    reader = form.signs.reader(map(lines.__getitem__, range(begin, len(lines))))
    taken = 0
    try:
        for row in reader:
            height = reader.line_num - taken
            if row and (len(row) != form.width or (height > 1 and _swallows_rows(lines, begin + taken, height, form))):
                return taken, refusals.WRONG_COLUMN_COUNT if height == 1 else refusals.BROKEN_QUOTE
            if row:
                parsed.rows.append(row)
                parsed.starts.append(first_line + begin + taken)
            taken = reader.line_num
    except csv.Error:
        return taken, _CUT_OFF if begin + reader.line_num == len(lines) else refusals.BROKEN_QUOTE
    return taken, None


def _swallows_rows(lines: Sequence[str], start: int, height: int, form: _Form) -> bool:
    """Return whether a value over several lines is an unclosed quote: one of its lines is a whole row by itself."""
    if height > MAX_LINES_PER_ROW:
        return True
    inner = lines[start + 1 : start + height]
    quote, sign = form.signs.quote, form.signs.delimiter
    return form.width > 2 and any(quote not in line and line.count(sign) == form.width - 1 for line in inner)


@contextmanager
def _fields_of_any_size() -> Iterator[None]:
    # The contract limits fields, and by bytes; the parser's own limit would not name the field.
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _table(rows: list[list[str]], form: _Form) -> pa.Table:
    return pa.table(form.signs.columns(rows, form.width), names=[f"column_{index}" for index in range(form.width)])
