"""The first lines of a delimited text: which sign separates its values, and where its rows begin."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.contract.headings import check_headings, declared_names, names_columns
from cdp_orchestration.landing.files.delimited_signs import UNIT_SEPARATOR, Signs, signs_of
from cdp_orchestration.landing.files.text_blocks import BYTE_ORDER_MARK
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources import Stream

DELIMITERS = (",", ";", "\t", "|")
# A line that names the sign for Excel; it is no row.
_SEP_LINE = re.compile(r'^"?sep=(.)"?[,;\t|]*$', re.IGNORECASE)


# The last value of a line begins with a quote and has no end: a heading that goes on in the next line.
_OPEN_VALUE = re.compile(r'(?:^|[,;\t|])[ \t]*"(?:[^"]|"")*$')
_MAX_HEADER_LINES = 100
_NARROWEST = 2  # header of which a sign too many or too few is no other form
_EMPTY = ' \r\t"' + "".join(DELIMITERS)  # of a line without any value
_ROWS_TO_GUESS_BY, _BYTES_TO_GUESS_BY = 20, 64 * 1024


@dataclass(frozen=True)
class DelimitedHeader:
    """The header of a delimited text: the columns, its signs, the line of the first row and the rest.

    ``names`` are those of the fields, ``headings`` what stands in the file.
    """

    names: list[str]
    headings: list[str]
    signs: Signs
    first_line: int
    body: bytes


@dataclass(frozen=True)
class _Beginning:
    """The first line of a table, where it stands, and the sign that a line above it names; empty where none is left."""

    text: str
    number: int
    begin: int
    end: int
    sign: str | None = None

    @property
    def next_number(self) -> int:
        """The number of the line after it."""
        return self.number + self.text.count("\n") + 1


def read_header(block: bytes, stream: Stream) -> DelimitedHeader:
    """Read the header of a delimited text, or say what stands for it.

    Args:
        block: the first whole lines of the file, among them all that stand above its table.
        stream: the stream that declares the fields, and whether its files have a header.

    Returns:
        The header; where neither the file nor the declaration names the sign, it is the one with which the header has
        the key and the cursor of the stream, or the one with which header and first row have as many values, the most.
        Where the columns are declared, a first line that names them all the same is the header.

    Raises:
        FileRefusedError: the header is broken, or nothing stands where it should be.
    """
    forms = stream.files
    table = _beginning(block, forms.skip_lines)
    is_one_line = not table.text and b"\n" not in block.rstrip()
    if re.search(r"\r(?!\n)", table.text) or (is_one_line and b"\r" in block.rstrip()):
        raise FileRefusedError(refusals.BROKEN_HEADER)
    if table.number <= forms.skip_lines or not (table.text or forms.columns):
        found = f"lines found: {table.number - 1}; expected more than {forms.skip_lines}"
        reason = refusals.TOO_FEW_LINES if forms.skip_lines else refusals.BROKEN_HEADER
        raise FileRefusedError(reason, found=found)
    if "\0" in table.text:  # of UTF-16 without its mark
        raise FileRefusedError(refusals.NOT_UTF8)
    named = table.sign or forms.separator
    body = block[table.end :]
    choices = [signs_of(forms, sign) for sign in ((one_sign(named),) if named else DELIMITERS)]
    if forms.columns:
        return _declared_header(block, table, choices, stream)
    headers = {signs: names for signs in choices if (names := _column_names(table.text, signs))}
    if not headers:
        raise FileRefusedError(refusals.BROKEN_HEADER)
    fitting = next((signs for signs, names in headers.items() if _has_required(names, stream)), None)
    signs = fitting or _likeliest(headers, body)
    if _blanks_mean_nothing([table.text, *_first_rows(body)], signs):
        signs = replace(signs, skips_blanks=True)
    headings = _as_wide_as_rows(_column_names(table.text, signs), body, signs)
    return DelimitedHeader(check_headings(headings, stream), headings, signs, table.next_number, body)


def _blanks_mean_nothing(rows: Sequence[str], signs: Signs) -> bool:
    """Return whether quotes stand behind a blank after the sign between values, and nowhere behind the sign itself."""
    text = "\n".join(rows)
    if not signs.quote or signs.delimiter.isspace() or signs.delimiter + signs.quote in text:
        return False
    return re.search(f"{re.escape(signs.delimiter)} +{re.escape(signs.quote)}", text) is not None


def _as_wide_as_rows(headings: list[str], body: bytes, signs: Signs) -> list[str]:
    """Return the headings for rows of which each ends with one sign more, or less, than the header."""
    rows = [_values(row, signs) for row in _first_rows(body)]
    width = len(headings)
    # A blank begins what goes on behind a comma in a value without quotes.
    if width < _NARROWEST or not rows or any(value.startswith(" ") for row in rows for value in row):
        return headings
    if all(len(row) == width + 1 and not row[-1] for row in rows):
        return [*headings, f"column_{width + 1}"]
    if headings[-1] == f"column_{width}" and all(len(row) == width - 1 for row in rows):
        return headings[:-1]
    return headings


def _beginning(block: bytes, skipped: int) -> _Beginning:
    """Leave out so many lines, then those without any value and one that names the sign, wherever that stands."""
    begin, number, sign = len(BYTE_ORDER_MARK) if block.startswith(BYTE_ORDER_MARK) else 0, 1, None
    while begin < len(block):
        end = _end_of_line(block, begin)
        text = block[begin:end].decode("utf-8").rstrip("\r\n")
        named = _SEP_LINE.match(text)
        if number > skipped and not named and text.strip(_EMPTY):
            end = _end_of_header(block, begin, end)
            text = block[begin:end].decode("utf-8").rstrip("\r\n")
            return _Beginning(text, number, begin, end, sign)
        sign = named.group(1) if named else sign
        begin, number = end, number + 1
    return _Beginning("", number, begin, begin, sign)


def _end_of_line(block: bytes, begin: int) -> int:
    return block.find(b"\n", begin) + 1 or len(block)


def _end_of_header(block: bytes, begin: int, end: int) -> int:
    """Return where a header ends whose headings may have line breaks in quotes; the end of its line where none has."""
    last = end
    for _ in range(_MAX_HEADER_LINES):
        if not _OPEN_VALUE.search(block[begin:last].decode("utf-8").rstrip("\r\n")):
            return last
        if last == len(block):
            break
        last = _end_of_line(block, last)
    return end


def _declared_header(block: bytes, table: _Beginning, choices: Sequence[Signs], stream: Stream) -> DelimitedHeader:
    """Return the declared columns, unless the first line names them: then the file has brought its header."""
    columns = list(stream.files.columns)
    rows = _first_rows(block[table.begin : table.begin + _BYTES_TO_GUESS_BY])
    signs = _signs_between(rows, choices, len(columns))
    signs = replace(signs, skips_blanks=_blanks_mean_nothing(rows, signs))
    first = _column_names(table.text, signs)
    if names_columns(first, columns, stream):
        return DelimitedHeader(check_headings(first, stream), first, signs, table.next_number, block[table.end :])
    return DelimitedHeader(check_headings(columns, stream), columns, signs, table.number, block[table.begin :])


def _signs_between(rows: Sequence[str], choices: Sequence[Signs], width: int) -> Signs:
    """Return the signs with which most rows have so many values; where none fits, or one value is all, the most."""
    counts = {signs: [len(_values(row, signs)) for row in rows] for signs in choices}
    fits = {signs: found.count(width) if width > 1 else 0 for signs, found in counts.items()}
    return max(choices, key=lambda signs: (fits[signs], sum(counts[signs])))


def _likeliest(headers: dict[Signs, list[str]], body: bytes) -> Signs:
    """Return the sign that gives the first row as many values as the header has; of several, the one of most headings.

    Where none fits the stream, the most headings say best what is missing. Of one heading, which may be a title, the
    sign is the one between the values of most rows.
    """
    rows = _first_rows(body)
    counts = {signs: [len(_values(row, signs)) for row in rows] for signs in headers}
    fits = {signs: len(names) > 1 and counts[signs][:1] == [len(names)] for signs, names in headers.items()}
    parts = {signs: sum(count > 1 for count in found) * 2 > len(rows) for signs, found in counts.items()}
    return max(headers, key=lambda signs: (fits[signs], len(headers[signs]), parts[signs]))


def _first_rows(text: bytes) -> list[str]:
    rows = text[:_BYTES_TO_GUESS_BY].decode("utf-8", "ignore").split("\n")
    return [row.rstrip("\r") for row in rows if row.strip()][:_ROWS_TO_GUESS_BY]


def _has_required(names: list[str], stream: Stream) -> bool:
    try:
        return bool(stream.required) and set(stream.required) <= set(declared_names(names, stream).values())
    except FileRefusedError:
        return False


def _column_names(header: str, signs: Signs) -> list[str]:
    """Return the headings with these signs; none where its quotes do not fit them."""
    names = (re.sub(r"\s*[\r\n]+\s*", " ", name).strip() for name in _values(header, signs))
    return [name or f"column_{number}" for number, name in enumerate(names, start=1)]


def _values(row: str, signs: Signs) -> list[str]:
    try:
        return next(signs.reader(io.StringIO(row, newline="\n")), [])
    except csv.Error:
        return []


def one_sign(separator: str) -> str:
    """Return the sign that stands for a declared separator while a text is read."""
    return separator if len(separator) == 1 else UNIT_SEPARATOR
