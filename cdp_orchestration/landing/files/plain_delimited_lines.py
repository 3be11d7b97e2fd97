"""Lines of a delimited text of which each is certainly one row, parsed by Arrow all at a time."""

import functools
from collections.abc import Sequence

import pyarrow as pa
from pyarrow import csv as arrow_csv

from cdp_orchestration.landing.files.delimited_signs import Signs
from cdp_orchestration.landing.files.text_blocks import LineBlock, has_pattern, line_end_count
from cdp_orchestration.landing.refusals import RefusedRow

Part = tuple[pa.Table, Sequence[int], list[RefusedRow]]
"""Rows as columns of text, the first line of each, and what is no row."""


def plain_lines(lines: LineBlock, signs: Signs, width: int) -> Part | None:
    """Return the lines as text columns; None when a line is not certainly one row of so many values."""
    data = lines.data
    if not data or not signs.delimiter.isascii() or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
        return None
    if signs.escape and signs.escape.encode() in data:
        return None
    has_quotes = bool(signs.quote) and signs.quote.encode() in data
    if has_quotes and not has_pattern(data, _quoted_by_rule(signs.delimiter, signs.quote)):
        return None
    names = [f"column_{index}" for index in range(width)]
    quote = signs.quote if has_quotes else False
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(column_names=names),
            parse_options=arrow_csv.ParseOptions(quote_char=quote, delimiter=signs.delimiter),
            convert_options=arrow_csv.ConvertOptions(
                check_utf8=False,  # checked when the block was cut
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=list(signs.nothing),
            ),
        )
    except pa.ArrowInvalid:
        return None
    line_count = line_end_count(data) + (not data.endswith(b"\n"))
    return (table, range(lines.first_line, lines.first_line + line_count), []) if table.num_rows == line_count else None


@functools.cache
def _quoted_by_rule(delimiter: str, quote: str) -> str:
    """Return the pattern of lines in which each quote begins or ends a value of the line, or is doubled inside one."""
    sign = f"\\x{{{ord(delimiter):x}}}"
    mark = f"\\x{{{ord(quote):x}}}"
    value = f"(?:[^{mark}\\r\\n{sign}]*|{mark}(?:[^{mark}\\n]|{mark}{mark})*{mark})"
    line = f"{value}(?:{sign}{value})*\\r?"
    return f"\\A{line}(?:\\n{line})*\\z"
