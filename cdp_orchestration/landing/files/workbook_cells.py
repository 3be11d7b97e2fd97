"""What a sheet of a workbook says of its cells beside their values: how far they reach, and which show leading noughts.

The parts of a workbook are looked at as text, piece by piece: no more than a piece is held.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from html import unescape

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.refusals import FileRefusedError

Padded = dict[tuple[int, int], str]
"""What a person sees in a cell, by row and column from 0."""

_PIECE_BYTES = 1024 * 1024
# The reader keeps a place for each cell up to the last row and column: of few cells far apart no machine could.
_MAX_PLACES = 4_000_000
_MAX_PLACES_PER_CELL = 20
_SHEETS, _LINKS, _STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*?\b\w+:id=\"([^\"]+)\"")
_LINK = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_FILLED = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3}[0-9]{1,10})"[^>/]*>')
_FORMAT = re.compile(r"<(?:\w+:)?numFmt\s[^>]*>")
_SHAPES = re.compile(r"<(?:\w+:)?cellXfs[\s>].*?</(?:\w+:)?cellXfs>", re.DOTALL)
_SHAPE = re.compile(r"<(?:\w+:)?xf\s[^>]*>")
# Letters of its own, then as many figures as there are noughts: numbers of customers, postcodes.
_NOUGHTS = re.compile(r'((?:"[^"]*"|\\.|[-/ ])*)(0{2,})(?:;.*)?')
_NUMBER = (
    rb'<(?:\w+:)?c r="([A-Z]{1,3})([0-9]{1,7})" s="(%s)"(?: t="n")?>'
    rb"(?:<(?:\w+:)?f[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?<(?:\w+:)?v>([0-9]+)(?:\.0+)?</"
)


def sheet_parts(book: zipfile.ZipFile, count: int) -> list[str]:
    """Return the parts of so many sheets, in the order of the workbook's list; empty where that is unclear."""
    links = (_attributes(link) for link in _LINK.findall(_text(book, _LINKS)))
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    found = [targets.get(name, "") for name in _SHEET.findall(_text(book, _SHEETS))]
    parts = [target.lstrip("/") if target.startswith("/") else f"xl/{target}" for target in found]
    return parts if len(parts) == count else [""] * count


def refuse_far_cells(book: zipfile.ZipFile, part: str) -> None:
    """Refuse a sheet of few cells of which one stands so far away that no machine could hold all places up to it.

    Args:
        book: the workbook.
        part: that of the sheet.

    Raises:
        FileRefusedError: with the last row and column and the number of filled cells.
    """
    cells = rows = columns = 0
    for piece in _pieces(book, part):
        names = _FILLED.findall(piece)
        cells += len(names)
        rows = max(rows, max((_row(name) for name in names), default=0))
        columns = max(columns, max(map(_column, {name.rstrip(b"0123456789") for name in names}), default=0))
    if rows * columns > max(_MAX_PLACES, cells * _MAX_PLACES_PER_CELL):
        found = f"{cells:,} filled cells, the last in row {rows:,} and column {columns:,}"
        raise FileRefusedError(refusals.FAR_CELL, found=found)


def padded_cells(book: zipfile.ZipFile, part: str) -> Padded:
    """Return the numbers of a sheet that its formats show with noughts before them, as a person sees them."""
    formats = _formats_with_noughts(_text(book, _STYLES))
    if not formats:
        return {}
    pattern = re.compile(_NUMBER % b"|".join(str(shape).encode() for shape in formats))
    padded: Padded = {}
    for piece in _pieces(book, part):
        for column, row, shape, digits in pattern.findall(piece):
            letters, width = formats[int(shape)]
            padded[int(row) - 1, _column(column) - 1] = letters + digits.decode().zfill(width)
    return padded


def _formats_with_noughts(styles: str) -> dict[int, tuple[str, int]]:
    """Return by the number of a cell's shape which letters its format shows, and how many figures at least."""
    formats = {}
    for each in map(_attributes, _FORMAT.findall(styles)):
        found = _NOUGHTS.fullmatch(each.get("formatCode", ""))
        if found:
            letters = re.sub(r'"([^"]*)"|\\(.)', r"\1\2", found[1])
            formats[each.get("numFmtId")] = (letters, len(found[2]))
    shapes = _SHAPE.findall("".join(_SHAPES.findall(styles)[:1]))
    kinds = [_attributes(shape).get("numFmtId") for shape in shapes]
    return {number: formats[kind] for number, kind in enumerate(kinds) if kind in formats}


def _attributes(element: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'\b(\w+)="([^"]*)"', element)}


def _text(book: zipfile.ZipFile, part: str) -> str:
    try:
        return book.read(part).decode("utf-8", "replace")
    except KeyError:
        return ""


def _pieces(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield a part in pieces of whole cells."""
    if part not in book.namelist():
        return
    rest = b""
    with book.open(part) as content:
        while data := content.read(_PIECE_BYTES):
            whole, end, rest = (rest + data).rpartition(b"<")
            cut = max(whole.rfind(b"<c "), whole.rfind(b"<x:c ")) if end else -1
            whole, rest = (whole[:cut], whole[cut:] + end + rest) if cut > 0 else (b"", whole + end + rest)
            yield whole
    yield rest


def _row(name: bytes) -> int:
    return int(name.lstrip(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def _column(letters: Sequence[int]) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
