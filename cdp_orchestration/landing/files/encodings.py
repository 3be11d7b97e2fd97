"""Texts of another encoding than UTF-8, read as UTF-8: by the file's own mark, else by what its stream declares."""

import codecs
import itertools
import re
from collections.abc import Iterator
from typing import BinaryIO, NoReturn, cast

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources.file_forms import UTF_8

PIECE_BYTES = 16 * 1024 * 1024
# The mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LONGEST_MARK = 4
_ASCII, _ALL_BYTES = bytes(range(128)), bytes(range(256))
_BEGUN_SIGN = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")  # of UTF-8, perhaps without its end
_LONG_SIGN = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")  # of UTF-8: three bytes or four
_HALF_A_SIGN = re.compile("[\ud800-\udfff]")  # of UTF-16: a field that was cut off
# The controls from U+0080 on, in UTF-8. No text has them: where Latin-1 has them, windows-1252 has letters.
_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]")


def in_utf8(content: BinaryIO, encoding: str, piece_bytes: int = PIECE_BYTES) -> BinaryIO:
    """Return a text as UTF-8.

    Args:
        content: the text, at its start.
        encoding: the declared one, for a text without a byte order mark.
        piece_bytes: how much is read at a time.

    Returns:
        The same content where it is UTF-8 by its mark or the declaration. Else what reads it as UTF-8, and refuses
        bytes that are no signs of its encoding (FileRefusedError). A text whose bytes beyond ASCII are all signs of
        UTF-8 is UTF-8, whatever is declared: by chance that does not come about.
    """
    mark, found = _marked(content.read(_LONGEST_MARK)) or (b"", encoding)
    content.seek(0)
    if found == UTF_8:
        return content
    content.read(len(mark))
    return cast(BinaryIO, _Pieces(_recoded(content, found, piece_bytes)))


def start_in_utf8(start: bytes) -> bytes:
    """Return the first bytes of a text without its mark, as UTF-8 where the mark says what they are."""
    mark, encoding = _marked(start) or (b"", UTF_8)
    text = start.removeprefix(mark)
    return text if encoding == UTF_8 else text.decode(encoding, "ignore").encode()


def _marked(start: bytes) -> tuple[bytes, str] | None:
    return next(((mark, encoding) for mark, encoding in _MARKS if start.startswith(mark)), None)


class _Pieces:
    """A content of which each piece is read at once, however much is asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, _size: int = -1) -> bytes:
        """Return the next piece, nothing at the end alone."""
        return next((piece for piece in self._pieces if piece), b"")


def _recoded(content: BinaryIO, encoding: str, piece_bytes: int) -> Iterator[bytes]:
    pieces = iter(lambda: content.read(piece_bytes), b"")
    if not _agrees_with_ascii(encoding):
        yield from _decoded(pieces, encoding, 1)
        return
    line, begun = 1, b""
    for piece in pieces:
        data, begun = _parted(begun + piece)
        if not data.isascii():
            rest = itertools.chain([data + begun], pieces)
            yield from rest if _is_plainly_utf8(data, encoding) else _decoded(rest, encoding, line)
            return
        line += data.count(b"\n")
        yield data
    if begun:
        yield begun if _is_plainly_utf8(begun, encoding) else b"".join(_decoded(iter([begun]), encoding, line))


def _agrees_with_ascii(encoding: str) -> bool:
    """Return whether the bytes of ASCII are the same signs in an encoding, whatever stands before them."""
    return _ASCII.decode(encoding, "replace") == _ASCII.decode()


def _is_plainly_utf8(data: bytes, encoding: str) -> bool:
    """Return whether a text is UTF-8, and that not by chance.

    Where a letter has two bytes, these may be a sign of UTF-8 as well; three in a row hardly ever are.
    """
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    has_one_byte_a_sign = len(_ALL_BYTES.decode(encoding, "replace")) == len(_ALL_BYTES)
    return has_one_byte_a_sign or bool(_LONG_SIGN.search(data))


def _parted(data: bytes) -> tuple[bytes, bytes]:
    """Return some bytes without those at their end with which a sign of UTF-8 may begin, and these."""
    begun = _BEGUN_SIGN.search(data[-3:])
    cut = len(data) - len(begun.group()) if begun else len(data)
    return data[:cut], data[cut:]


def _decoded(pieces: Iterator[bytes], encoding: str, line: int) -> Iterator[bytes]:
    is_unicode = encoding.startswith("utf")
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass" if is_unicode else "strict")
    for piece in itertools.chain(pieces, [b""]):
        try:
            text = decoder.decode(piece, not piece)
        except UnicodeDecodeError as error:
            before = bytes(error.object[: error.start]).decode(encoding, "ignore")
            _refuse(encoding, line + before.count("\n"), is_end=not piece)
        found = (_HALF_A_SIGN.sub("\N{REPLACEMENT CHARACTER}", text) if is_unicode else text).encode()
        if not is_unicode and (control := _CONTROLS.search(found)):
            _refuse(encoding, line + found.count(b"\n", 0, control.start()), is_end=False)
        yield found
        line += found.count(b"\n")


def _refuse(encoding: str, line: int, *, is_end: bool) -> NoReturn:
    reason = refusals.UNFINISHED_FILE if is_end else refusals.NOT_OF_ENCODING
    raise FileRefusedError(reason, found=f"line {line}" if is_end else f"line {line}, read as {encoding}")
