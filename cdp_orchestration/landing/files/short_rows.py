"""Rows with fewer values than the header, whose program leaves out empty values at their end.

Excel does so for each sixteen rows, others row by row. A row that is broken over several lines is short as well, and so
is a line below the rows that is none of them; what may be either stays refused.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.files.delimited_signs import Signs
from cdp_orchestration.landing.refusals import RefusedRow

_FEW = 3  # lines in a row are a habit; fewer may be the end of a broken row, or what stands below the rows
_MAX_PIECES = 3


@dataclass(frozen=True)
class Widths:
    """How many values a row has, how many it needs at least, and whether a time in it shows that it is one."""

    full: int
    needed: int
    has_time: bool


@dataclass(frozen=True)
class _Short:
    refused: RefusedRow
    values: list[str]


def short_rows(refused: Sequence[RefusedRow], signs: Signs, widths: Widths) -> Iterator[tuple[int, list[str]]]:
    """Yield line and values of each refused line that is a row without the empty values at its end.

    Args:
        refused: what is no row of some lines, in their order.
        signs: the signs of the text.
        widths: how many values its rows have.

    Yields:
        The values, filled up to the full width.
    """
    found = [_Short(row, _values(row, signs)) for row in refused if row.reason == refusals.WRONG_COLUMN_COUNT]
    short = [each for each in found if 0 < len(each.values) < widths.full]
    for run in _runs(short):
        if len(run) < _FEW and not widths.has_time:
            continue
        doubted = _may_be_broken([len(each.values) for each in run], widths.full)
        for each, is_doubted in zip(run, doubted, strict=True):
            if not is_doubted and len(each.values) >= widths.needed and each.refused.source_line is not None:
                yield each.refused.source_line, each.values + [""] * (widths.full - len(each.values))


def _values(row: RefusedRow, signs: Signs) -> list[str]:
    rows = list(signs.reader(signs.marked([row.raw_row or ""])))
    return rows[0] if len(rows) == 1 else []


def _runs(short: Sequence[_Short]) -> Iterator[list[_Short]]:
    """Yield the short lines that follow each other without another line between them."""
    numbered = enumerate(short)
    for _, run in itertools.groupby(numbered, lambda pair: (pair[1].refused.source_line or 0) - pair[0]):
        yield [each for _, each in run]


def _may_be_broken(found: Sequence[int], full: int) -> list[bool]:
    """Return which lines of a run are together as wide as one row that has line breaks in its values."""
    doubted = [False] * len(found)
    if len(found) >= _FEW and len(set(found)) == 1:
        return doubted
    for size in range(2, _MAX_PIECES + 1):
        for start in range(len(found) - size + 1):
            if sum(found[start : start + size]) == full + size - 1:
                doubted[start : start + size] = [True] * size
    return doubted
