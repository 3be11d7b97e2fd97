"""A sheet of a workbook as CSV, row for row, so that a line is the number of its row."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, BinaryIO, cast

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources.file_forms import FileForms
from cdp_orchestration.sources.limits import MAX_WORKBOOK_BYTES

SHEET_LIST = "xl/workbook.xml"
OTHER_DOCUMENTS = frozenset({"[Content_Types].xml", "xl/workbook.bin", "content.xml"})
_MAX_LISTED_CHARACTERS = 1000
_SIGNIFICANT_DIGITS = 15  # a spreadsheet keeps no more: the others are noise, or lost
_LARGEST_EXACT = 10**_SIGNIFICANT_DIGITS


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
            names = [each.name for each in book.sheets_metadata if each.typ == calamine.SheetTypeEnum.WorkSheet]
            # Rows and columns before the first that is filled count, too.
            return book.get_sheet_by_name(_meant(names, forms.sheet or 1)).to_python(skip_empty_area=False)
    except (calamine.CalamineError, zipfile.BadZipFile, ValueError, OSError):
        raise FileRefusedError(refusals.WORKBOOK) from None


def _meant(names: list[str], wanted: str | int) -> str:
    """Return the name of the sheet that is meant; refused where there is none. No two differ in case alone."""
    if not names:
        raise FileRefusedError(refusals.WORKBOOK)
    found = (
        names[wanted - 1 : wanted]
        if isinstance(wanted, int)
        else [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
    )
    if not found:
        listed = f"{len(names)} sheets, {', '.join(names)}"[:_MAX_LISTED_CHARACTERS]
        expected = f"at least {wanted} sheets" if isinstance(wanted, int) else wanted
        raise FileRefusedError(refusals.MISSING_SHEET, found=f"found: {listed}; expected {expected}")
    return found[0]


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
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: float) -> str:
    if abs(value) >= _LARGEST_EXACT:
        return f"{value:.{_SIGNIFICANT_DIGITS - 1}E}"  # landing refuses an id whose digits are lost
    return format(Decimal(format(value, f".{_SIGNIFICANT_DIGITS}g")), "f")
