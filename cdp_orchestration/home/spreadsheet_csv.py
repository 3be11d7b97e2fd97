"""Rows as the text of a CSV file that people open in a spreadsheet: no value is a formula there.

One that would be is written behind an apostrophe.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

# What a spreadsheet takes for the beginning of a formula, also behind spaces and in full width
FORMULA = re.compile(r"'*\s*[\t\r\n=+\-@＝＋－＠]")


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield the heading and each row as a line of CSV, with the end of the line."""
    yield _line(columns)
    for row in rows:
        yield _line([_without_formula(row.get(name)) for name in columns])


def _line(values: Sequence[str]) -> str:
    text = io.StringIO(newline="")
    # a single return is not quoted by itself, and would end the line
    is_quoted = any("\r" in value for value in values)
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL)
    writer.writerow(values)
    return text.getvalue()


def _without_formula(value: object) -> str:
    text = "" if value is None else str(value).replace("\0", "")
    return f"'{text}" if FORMULA.match(text) else text
