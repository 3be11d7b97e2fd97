"""The first sheet of a workbook as CSV, row for row, so that a line is the number of its row."""

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
from cdp_orchestration.sources.limits import MAX_WORKBOOK_BYTES

SHEET_LIST = "xl/workbook.xml"
OTHER_DOCUMENTS = frozenset({"[Content_Types].xml", "xl/workbook.bin", "content.xml"})
_SIGNIFICANT_DIGITS = 15  # a spreadsheet keeps no more: the others are noise, or lost
_LARGEST_EXACT = 10**_SIGNIFICANT_DIGITS


@contextmanager
def first_sheet(file: BinaryIO) -> Iterator[BinaryIO]:
    """Write the first sheet of an ``.xlsx`` file as CSV into a temporary file.

    Formulas have the value that was last computed. A workbook that cannot be read is refused.

    Yields:
        The CSV, UTF-8 with commas.
    """
    with tempfile.TemporaryFile() as content:
        text = io.TextIOWrapper(content, encoding="utf-8", errors="replace", newline="")
        writer = csv.writer(text, lineterminator="\n")
        for row in _rows(file):
            writer.writerow([_written(value) for value in row])
        text.flush()
        content.seek(0)
        yield cast(BinaryIO, content)
        text.detach()


def _rows(file: BinaryIO) -> Iterator[list[Any]]:
    import python_calamine as calamine

    try:
        with zipfile.ZipFile(file) as parts:
            if sum(each.file_size for each in parts.infolist()) > MAX_WORKBOOK_BYTES:
                raise FileRefusedError(refusals.UNPACKED_TOO_LARGE)
        file.seek(0)
        with calamine.CalamineWorkbook.from_filelike(file) as book:
            kinds = [each.typ for each in book.sheets_metadata]
            sheet = book.get_sheet_by_index(kinds.index(calamine.SheetTypeEnum.WorkSheet))
            # Rows and columns before the first that is filled count, too.
            yield from sheet.to_python(skip_empty_area=False)
    except (calamine.CalamineError, zipfile.BadZipFile, ValueError, OSError):
        raise FileRefusedError(refusals.WORKBOOK) from None


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
