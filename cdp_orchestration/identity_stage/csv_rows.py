"""Small CSV files that people edit by hand or in a spreadsheet: a line that cannot be read whole is refused by number.

No value that is written is a formula to a spreadsheet: one that would be is written behind an apostrophe, and read back
without it.
"""

import csv
import io
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.spreadsheet_csv import FORMULA, csv_lines

Row = dict[str, str]

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def read_rows(path: Path, columns: Sequence[str]) -> list[Row]:
    """Read some columns of a CSV file with a heading; see numbered_rows."""
    return [row for _, row in numbered_rows(path, columns)]


def numbered_rows(path: Path, columns: Sequence[str]) -> list[tuple[int, Row]]:
    """Read some columns of a CSV file with a heading.

    Fails with DecisionError, which names the line, when the file is not in UTF-8, lacks a column, has a quote that is
    not closed, or a line with more or fewer values than the heading.

    Args:
        path: the file.
        columns: the columns to read.

    Returns:
        Each line that has any value: its number, and its values without surrounding spaces. None without a file.
    """
    if not path.exists():
        return []
    records = _records(path, _text(path))
    line, heading = next(records, (1, []))
    names = [name.strip() for name in heading]
    _check_heading(path, line, names, columns)
    rows = []
    for line, values in records:
        if not any(value.strip() for value in values):
            continue
        _check_values(path, line, values, len(names))
        row = dict(zip(names, values, strict=False))
        rows.append((line, {name: _value(row[name]) for name in columns}))
    return rows


def finite_number(text: str) -> float:
    """Return the number that a value says; ValueError where it says none, or one such as nan or inf."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _refusal(path, line, "text that is not UTF-8", "a CSV file in UTF-8", "Save it as UTF-8") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise _refusal(path, line, "a zero character", "text", "Save it as CSV in UTF-8")
    return text


def _records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the number of its first line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _refusal(
                path, line, "a quote that is not closed or is followed by text", 'values as a, "b, c" or "d ""e"""'
            ) from None
        yield line, values


def _check_heading(path: Path, line: int, names: Sequence[str], columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in names]
    if missing:
        between = next((word for sign, word in _SEPARATORS.items() if len(names) == 1 and sign in names[0]), None)
        found = f"{len(names)} column(s)" + (f", with {between} instead of commas between them" if between else "")
        raise DecisionError(
            f"{path} line {line} lacks the column(s) {', '.join(missing)}; found {found}, "
            f"expected {','.join(columns)}. Restore the heading in the first line."
        )
    repeated = sorted({name for name in columns if names.count(name) > 1})
    if repeated:
        raise _refusal(path, line, f"the column {repeated[0]} twice", "each column once", "Remove one of them")


def _check_values(path: Path, line: int, values: Sequence[str], count: int) -> None:
    if len(values) < count or any(value.strip() for value in values[count:]):
        raise _refusal(path, line, f"{len(values)} value(s)", f"{count}, as in the heading")
    for value in values:
        # two quotes in two lines are one long value, which holds the commas of all the lines between them
        if ("\n" in value or "\r" in value) and value.count(",") >= count - 1:
            raise _refusal(path, line, "a value that holds a whole line", "one line for each row", "Close the quote")


def _refusal(path: Path, line: int, found: str, expected: str, remedy: str = "Correct the line") -> DecisionError:
    return DecisionError(f"{path} line {line}: found {found}; expected {expected}. {remedy}.")


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Replace a CSV file in one step: a reader sees the former file or this one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines(columns, rows))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _value(text: str) -> str:
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text.strip()
