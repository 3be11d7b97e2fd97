"""Text cut into blocks of whole lines, which are UTF-8."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources.limits import MAX_LINE_BYTES

# A block, with the begin of its first line, stays below 32 MiB: for more than that glibc asks the system anew each
# time, and to get it takes longer than to fill it.
BLOCK_BYTES = 31 * 1024 * 1024
PIECE_BYTES = 256 * 1024  # read and looked at while they are in the processor's own memory
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_FEED = ord("\n")
Positions = np.ndarray[Any, np.dtype[np.int64]]
# A field of so many bytes cuts an emoji after two or three of its four, and some databases write its halves as signs.
# A lead byte alone is not among these: in Latin-1 it is a letter.
_CUT_SIGN = re.compile(
    rb"(?:[\xf0-\xf4][\x80-\xbf]{1,2}|[\xe1-\xef][\x80-\xbf])(?![\x80-\xbf])|\xed[\xa0-\xbf][\x80-\xbf]"
)


@dataclass(frozen=True)
class LineBlock:
    """Whole lines of a text file; ``first_line`` counts from 1, only the last block may lack a final newline."""

    first_line: int
    data: bytes
    is_last: bool


def line_blocks(file: BinaryIO, block_bytes: int = BLOCK_BYTES, *, may_be_empty: bool = False) -> Iterator[LineBlock]:
    """Cut a text into blocks of whole lines; refused when it is not UTF-8, or has no content unless it may be empty."""
    first_line = 1
    unfinished: list[bytes] = []
    following = file.read(min(block_bytes, PIECE_BYTES))
    if not following and may_be_empty:
        yield LineBlock(first_line, b"", is_last=True)
    elif not following:
        raise FileRefusedError(refusals.EMPTY_FILE)
    while following:
        pieces, following = _read(file, following, block_bytes)
        whole, rest = _cut(pieces) if following else (pieces, [])
        if whole:
            block = b"".join([*unfinished, *whole])
            pieces, whole, unfinished = [], [], []  # the block alone is held while it is used
            yield LineBlock(first_line, _utf8(block), is_last=not following)
            first_line += line_end_count(block)
        unfinished += rest
        if sum(map(len, unfinished)) > MAX_LINE_BYTES:
            raise FileRefusedError(refusals.LINE_TOO_LONG)


def _read(file: BinaryIO, first: bytes, size: int) -> tuple[list[bytes], bytes]:
    """Return so many bytes of a file in pieces, of which the first is read already, and the first of what follows."""
    pieces = [first]
    size_left = size - len(first)
    while size_left and (piece := file.read(min(size_left, PIECE_BYTES))):
        pieces.append(piece)
        size_left -= len(piece)
    return pieces, file.read(min(size, PIECE_BYTES))


def _cut(pieces: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Return what ends with the last line that has an end, and what follows."""
    for index in reversed(range(len(pieces))):
        cut = pieces[index].rfind(b"\n") + 1
        if cut:
            return [*pieces[:index], pieces[index][:cut]], [pieces[index][cut:], *pieces[index + 1 :]]
    return [], list(pieces)


def line_ends(data: bytes) -> Positions:
    """Return where the line feeds of a text stand."""
    found = [np.flatnonzero(piece == _LINE_FEED) + at for at, piece in _parts(data)]
    return np.concatenate(found) if found else np.empty(0, np.int64)


def line_end_count(data: bytes) -> int:
    """Return how many line feeds a text has; bytes.count looks at each sign by itself."""
    return sum(int(np.count_nonzero(piece == _LINE_FEED)) for _, piece in _parts(data))


def _parts(data: bytes) -> Iterator[tuple[int, np.ndarray[Any, np.dtype[np.uint8]]]]:
    signs = np.frombuffer(data, np.uint8)
    return ((at, signs[at : at + PIECE_BYTES]) for at in range(0, len(signs), PIECE_BYTES))


def one_text(data: bytes) -> pa.Array:
    """Return a whole text as the one value of a column, without a copy of it."""
    ends = np.array([0, len(data)], np.int32)
    return pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(ends), pa.py_buffer(data)])


def has_pattern(data: bytes, pattern: str) -> bool:
    """Return whether a pattern (RE2) is found in a text, of which each byte is a sign to it: so it is fast."""
    return bool(pc.match_substring_regex(one_text(data).view(pa.binary()), pattern)[0].as_py())


def _utf8(data: bytes) -> bytes:
    """Return a text whose signs are whole; refused where more than signs that were cut off is not UTF-8."""
    try:
        one_text(data).validate(full=True)  # unlike decoding it copies nothing
    except pa.ArrowInvalid:
        return _without_cut_signs(data)
    return data


def _without_cut_signs(data: bytes) -> bytes:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        data = _CUT_SIGN.sub("\N{REPLACEMENT CHARACTER}".encode(), data)
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            raise FileRefusedError(refusals.NOT_UTF8) from None
    return data
