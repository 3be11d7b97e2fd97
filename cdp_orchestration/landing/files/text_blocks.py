"""Text cut into blocks of whole lines, which are UTF-8."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources.limits import MAX_LINE_BYTES

BLOCK_BYTES = 32 * 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
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
    data = file.read(block_bytes)
    if not data and may_be_empty:
        yield LineBlock(first_line, b"", is_last=True)
    elif not data:
        raise FileRefusedError(refusals.EMPTY_FILE)
    while data:
        following = file.read(block_bytes)
        cut = data.rfind(b"\n") + 1 if following else len(data)
        if cut:
            block = b"".join([*unfinished, memoryview(data)[:cut]])
            yield LineBlock(first_line, _utf8(block), is_last=not following)
            first_line += block.count(b"\n")
            unfinished = []
        unfinished.append(data[cut:])
        if sum(map(len, unfinished)) > MAX_LINE_BYTES:
            raise FileRefusedError(refusals.LINE_TOO_LONG)
        data = following


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
