"""The first lines of a delimited text: which sign separates its values, and where its rows begin."""

import csv
import re
from dataclasses import dataclass

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.contents import BYTE_ORDER_MARK
from cdp_orchestration.landing.headings import check_headings, declared_names
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources import Stream

DELIMITERS = (",", ";", "\t", "|")
# A line that names the sign for Excel; it is no row.
_SEP_LINE = re.compile(r'^"?sep=(.)"?[,;\t|]*$', re.IGNORECASE)


@dataclass(frozen=True)
class DelimitedHeader:
    """The header of a delimited text: the names of the columns, the sign, the line of the first row and the rest."""

    names: list[str]
    delimiter: str
    first_line: int
    body: bytes


def read_header(block: bytes, stream: Stream) -> DelimitedHeader:
    """Read the header of a delimited text.

    Args:
        block: the first whole lines of the file.
        stream: the stream that declares the fields.

    Returns:
        The header; the sign is the one with which the header has the key and the cursor of the stream, or the one with
        which header and first row have as many values, the most.

    Raises:
        FileRefusedError: the header is broken.
    """
    line, _, body = block.removeprefix(BYTE_ORDER_MARK).partition(b"\n")
    text, first_line = _text(line), 2
    delimiters: tuple[str, ...] = DELIMITERS
    named = _SEP_LINE.match(text)
    if named:
        line, _, body = body.partition(b"\n")
        text, first_line, delimiters = _text(line), 3, (named.group(1),)
    headers = {sign: names for sign in delimiters if (names := _column_names(text, sign))}
    if not headers or "\r" in text:
        raise FileRefusedError(refusals.BROKEN_HEADER)
    fitting = next((sign for sign, names in headers.items() if _has_required(names, stream)), None)
    sign = fitting or _likeliest(headers, body)
    return DelimitedHeader(check_headings(headers[sign], stream), sign, first_line, body)


def _likeliest(headers: dict[str, list[str]], body: bytes) -> str:
    """Return the sign that gives the first row as many values as the header has; of several, the one of most headings.

    Where none fits the stream, the most headings say best what is missing.
    """
    end = body.find(b"\n")
    row = body[: end if end >= 0 else len(body)].decode("utf-8", "replace").rstrip("\r")
    fits = {sign: 1 < len(names) == len(_column_names(row, sign)) for sign, names in headers.items()}
    return max(headers, key=lambda sign: (fits[sign], len(headers[sign])))


def _has_required(names: list[str], stream: Stream) -> bool:
    try:
        return bool(stream.required) and set(stream.required) <= set(declared_names(names, stream).values())
    except FileRefusedError:
        return False


def _text(line: bytes) -> str:
    return line.decode("utf-8").rstrip("\r")


def _column_names(header: str, delimiter: str) -> list[str]:
    """Return the headings with this sign; none where its quotes do not fit the sign."""
    try:
        row = next(csv.reader([header], strict=True, delimiter=delimiter), [])
    except csv.Error:
        return []
    return [name.strip() or f"column_{number}" for number, name in enumerate(row, start=1)]
