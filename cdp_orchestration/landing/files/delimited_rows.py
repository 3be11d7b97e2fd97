"""The rows of a delimited text as its program meant them: what is no row, and what a value has of its form."""

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.landing.files.delimited_signs import UNIT_SEPARATOR
from cdp_orchestration.landing.refusals import RefusedRow

_BYTE_ORDER_MARK = "\ufeff"
_RULE = re.compile(r"\s*[-=:]+\s*")  # that a program draws below its header
# How people make a spreadsheet keep the signs of a text.
_KEPT_AS_TEXT, _KEPT_MARK = '^="([^"]*)"$', '="'


def only_rows(table: pa.Table, lines: Sequence[int], headings: Sequence[str]) -> tuple[pa.Table, Sequence[int]]:
    """Return what is a row, with its lines.

    Args:
        table: columns of text.
        lines: the first line of each row.
        headings: what stands in the header of the file.

    Returns:
        The rows without those that have no value, repeat the header, or draw a line below it.
    """
    if table.num_rows and _is_rule([column[0].as_py() for column in table.columns]):
        table, lines = table.slice(1), lines[1:]
    table, lines = _without_empty(table, lines)
    return _without_repeated_header(table, lines, headings)


def as_meant(table: pa.Table, refused: list[RefusedRow], separator: str | None) -> tuple[pa.Table, list[RefusedRow]]:
    """Return rows and refusals whose texts have what stood in the file.

    Args:
        table: columns of text.
        refused: what is no row.
        separator: the declared one, for which one sign stood if it has several.

    Returns:
        Both with that separator within their values, and texts that a spreadsheet was to keep as they are.
    """
    if separator and len(separator) > 1:
        table = _each_column(table, lambda column: pc.replace_substring(column, UNIT_SEPARATOR, separator))
        raw = [(row, row.raw_row.replace(UNIT_SEPARATOR, separator) if row.raw_row else None) for row in refused]
        refused = [replace(row, raw_row=text_of_row) for row, text_of_row in raw]
    return _each_column(table, _without_marks), refused


def _without_marks(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pc.any(pc.starts_with(column, _KEPT_MARK)).as_py():
        return column
    shown = pc.replace_substring_regex(column, _KEPT_AS_TEXT, r"\1")
    return pc.if_else(pc.equal(shown, ""), pa.scalar(None), shown)


def _each_column(table: pa.Table, change: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.Table:
    return pa.table([change(column) for column in table.columns], names=table.column_names)


def _is_rule(values: Sequence[str | None]) -> bool:
    filled = [value for value in values if value]
    return any(len(value.strip()) > 1 for value in filled) and all(map(_RULE.fullmatch, filled))


def _without_empty(table: pa.Table, lines: Sequence[int]) -> tuple[pa.Table, Sequence[int]]:
    """Leave out rows without any value: spreadsheets write them below and between their rows."""
    if not table.num_columns or not all(column.null_count for column in table.columns):
        return table, lines
    is_filled = functools.reduce(pc.or_, (pc.is_valid(column) for column in table.columns))
    kept = [line for line, is_kept in zip(lines, is_filled.to_pylist(), strict=True) if is_kept]
    return table.filter(is_filled), kept


def _without_repeated_header(
    table: pa.Table, lines: Sequence[int], headings: Sequence[str]
) -> tuple[pa.Table, Sequence[int]]:
    """Leave out headers that stand again below the first: files that were joined have one for each."""
    if len(headings) == 1 or not table.num_rows:
        return table, lines
    variants = (pc.equal(table.column(0), mark + headings[0]) for mark in ("", _BYTE_ORDER_MARK))
    first = pc.fill_null(functools.reduce(pc.or_, variants), fill_value=False)
    if not pc.any(first).as_py():
        return table, lines
    same = (pc.equal(column, name) for column, name in zip(table.columns[1:], headings[1:], strict=True))
    is_header = functools.reduce(pc.and_, (pc.fill_null(each, fill_value=False) for each in same), first)
    kept = [line for line, is_again in zip(lines, is_header.to_pylist(), strict=True) if not is_again]
    return table.filter(pc.invert(is_header)), kept
