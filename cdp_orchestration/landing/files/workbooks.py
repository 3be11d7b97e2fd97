"""A sheet of a workbook as CSV, row for row, so that a line is the number of its row."""

import csv
import io
import itertools
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, BinaryIO, cast

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.files.workbook_cells import padded_cells, refuse_far_cells, sheet_parts
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources.file_forms import FileForms
from cdp_orchestration.sources.limits import MAX_WORKBOOK_BYTES

SHEET_LIST = "xl/workbook.xml"
OTHER_DOCUMENTS = frozenset({"[Content_Types].xml", "xl/workbook.bin", "content.xml"})
_MAX_LISTED_CHARACTERS = 1000
_MINUTE, _HOUR = 60, 3600
_SIGNIFICANT_DIGITS = 15  # a spreadsheet keeps no more: the others are noise, or lost
_LARGEST_EXACT = 10**_SIGNIFICANT_DIGITS


@dataclass(frozen=True)
class _Sheet:
    """A sheet with cells: its name, its part of the workbook, and whether a person sees it."""

    name: str
    part: str
    is_visible: bool


@contextmanager
def opened_sheet(file: BinaryIO, forms: FileForms) -> Iterator[BinaryIO]:
    """Write one sheet of an ``.xlsx`` file as CSV into a temporary file.

    Formulas have the value that was last computed. A workbook that cannot be read, or has no such sheet, is refused.

    Args:
        file: the workbook.
        forms: which sheet is meant, and how many of its rows stand before the header: these are empty lines.

    Yields:
        The CSV, UTF-8 with commas.
    """
    rows = _rows(file, forms)
    width = max(len(forms.columns), _width(rows[forms.skip_lines :]))
    with tempfile.TemporaryFile() as content:
        text = io.TextIOWrapper(content, encoding="utf-8", errors="replace", newline="")
        writer = csv.writer(text, lineterminator="\n")
        for number, row in enumerate(rows):
            is_skipped = number < forms.skip_lines
            writer.writerow(() if is_skipped else [_written(value) for value in _of_width(row, width)])
        text.flush()
        content.seek(0)
        yield cast(BinaryIO, content)
        text.detach()


def _rows(file: BinaryIO, forms: FileForms) -> list[list[Any]]:
    import python_calamine as calamine

    try:
        with zipfile.ZipFile(file) as parts:
            if sum(each.file_size for each in parts.infolist()) > MAX_WORKBOOK_BYTES:
                raise FileRefusedError(refusals.UNPACKED_TOO_LARGE)
            file.seek(0)
            with calamine.CalamineWorkbook.from_filelike(file) as book:
                # A chart has a part as well, and no cells.
                every = book.sheets_metadata
                listed = zip(every, sheet_parts(parts, len(every)), strict=True)
                sheets = [
                    _Sheet(each.name, part, each.visible == calamine.SheetVisibleEnum.Visible)
                    for each, part in listed
                    if each.typ == calamine.SheetTypeEnum.WorkSheet
                ]
                found = [(sheet.name, _cells(book, parts, sheet)) for sheet in _meant(sheets, forms.sheet)]
    except (calamine.CalamineError, zipfile.BadZipFile, ValueError, OSError):
        raise FileRefusedError(refusals.WORKBOOK) from None
    return _only_table(found, forms)


def _cells(book: Any, parts: zipfile.ZipFile, sheet: _Sheet) -> list[list[Any]]:
    refuse_far_cells(parts, sheet.part)
    # Rows and columns before the first that is filled count, too.
    rows: list[list[Any]] = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
    for (row, column), shown in padded_cells(parts, sheet.part).items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = shown
    return rows


def _meant(sheets: list[_Sheet], wanted: str | int | None) -> list[_Sheet]:
    """Return the sheet that is declared, else all that a person sees; refused where there is none."""
    seen = [sheet for sheet in sheets if sheet.is_visible]
    if not sheets:
        raise FileRefusedError(refusals.WORKBOOK)
    if wanted is None:
        return seen or sheets[:1]
    found = (
        seen[wanted - 1 : wanted]
        if isinstance(wanted, int)
        else [sheet for sheet in sheets if sheet.name.strip().casefold() == wanted.strip().casefold()]
    )
    if not found:
        listed = f"{len(sheets)} sheets, {', '.join(sheet.name for sheet in sheets)}"[:_MAX_LISTED_CHARACTERS]
        expected = f"at least {wanted} sheets" if isinstance(wanted, int) else wanted
        raise FileRefusedError(refusals.MISSING_SHEET, found=f"found: {listed}; expected {expected}")
    return found[:1]


def _only_table(found: list[tuple[str, list[list[Any]]]], forms: FileForms) -> list[list[Any]]:
    """Return the first sheet with a cell; refused where another one has the same header, as one for each month.

    Of sheets with one header those without a row below do not count, where another one has some.

    Raises:
        FileRefusedError: with the names of the sheets.
    """
    filled = [(name, rows) for name, rows in found if _width(rows)] or found
    first = _filled_rows(filled[0][1], forms)
    others = ((name, rows, _filled_rows(rows, forms)) for name, rows in filled)
    alike = [(name, rows) for name, rows, cells in others if len(cells) > 1 and cells[0] == first[0]]
    if len(alike) > 1:
        names = ", ".join(name for name, _ in alike)
        raise FileRefusedError(refusals.SEVERAL_SHEETS, found=f"found: {names}"[:_MAX_LISTED_CHARACTERS])
    return (alike or filled)[0][1]


def _filled_rows(rows: list[list[Any]], forms: FileForms) -> list[tuple[str, ...]]:
    """Return the header of a sheet and its first row, as far as it has them."""
    cells = (tuple(str(cell).strip().casefold() for cell in row) for row in rows[forms.skip_lines :])
    return list(itertools.islice((row for row in cells if any(row)), 2))


def _width(rows: list[list[Any]]) -> int:
    """Return the number of columns up to the last that is filled: what stands above the table may be wider."""
    return max((next((at for at in range(len(row), 0, -1) if row[at - 1] != ""), 0) for row in rows), default=0)


def _of_width(row: list[Any], width: int) -> list[Any]:
    return [*row[:width], *[""] * (width - len(row))]


def _written(value: Any) -> str:
    """Return a cell as text: numbers as a person sees them, dates and times in ISO 8601."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        # A time is a fraction of a day, which seldom is a whole second.
        near = value + timedelta(microseconds=500)
        return near.replace(microsecond=near.microsecond // 1000 * 1000).isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _duration(value: timedelta) -> str:
    """Return a span as hours, minutes and seconds, of which the hours may be more than a day's."""
    seconds = round(value.total_seconds())
    hours, rest = divmod(abs(seconds), _HOUR)
    return f"{'-' if seconds < 0 else ''}{hours}:{rest // _MINUTE:02}:{rest % _MINUTE:02}"


def _number(value: float) -> str:
    if abs(value) >= _LARGEST_EXACT:
        return f"{value:.{_SIGNIFICANT_DIGITS - 1}E}"  # landing refuses an id whose digits are lost
    return format(Decimal(format(value, f".{_SIGNIFICANT_DIGITS}g")), "f")
