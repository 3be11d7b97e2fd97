"""The bytes of one delivered file: opened once, hashed, unpacked and cut into blocks of whole lines."""

import gzip
import hashlib
import io
import os
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.archives import (
    ZSTANDARD_MAGIC,
    copy_limited,
    member_names,
    only_member,
    unpacked_limit,
    without_zstandard,
)
from cdp_orchestration.landing.inbox import SHEETS, Delivery, Format
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.landing.workbooks import OTHER_DOCUMENTS, SHEET_LIST, first_sheet
from cdp_orchestration.sources.limits import MAX_LINE_BYTES

BLOCK_BYTES = 32 * 1024 * 1024
SNIFFED_BYTES = 4096
GZIP_MAGIC = b"\x1f\x8b\x08"
ZIP_MAGIC = b"PK\x03\x04"
PARQUET_MAGIC = b"PAR1"
OLD_OFFICE_MAGIC = b"\xd0\xcf\x11\xe0"
# A field of so many bytes cuts an emoji after two or three of its four, and some databases write its halves as signs.
# A lead byte alone is not among these: in Latin-1 it is a letter.
_CUT_SIGN = re.compile(
    rb"(?:[\xf0-\xf4][\x80-\xbf]{1,2}|[\xe1-\xef][\x80-\xbf])(?![\x80-\xbf])|\xed[\xa0-\xbf][\x80-\xbf]"
)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class LineBlock:
    """Whole lines of a text file; ``first_line`` counts from 1, only the last block may lack a final newline."""

    first_line: int
    data: bytes
    is_last: bool


@contextmanager
def open_delivery(delivery: Delivery) -> Iterator[BinaryIO]:
    """Open a delivered file; refuse it when it no longer exists, cannot be opened or is empty."""
    if delivery.problem:
        raise FileRefusedError(delivery.problem)
    try:
        file = delivery.path.open("rb")
    except FileNotFoundError:
        raise FileRefusedError(refusals.DISAPPEARED) from None
    except OSError:
        raise FileRefusedError(refusals.UNREADABLE) from None
    with file:
        if os.fstat(file.fileno()).st_size == 0:
            raise FileRefusedError(refusals.EMPTY_FILE)
        yield file


def size_and_time(file: BinaryIO) -> tuple[int, int]:
    """Return the size in bytes and the time of the last change in nanoseconds of an open file."""
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def refuse_if_changed(file: BinaryIO, before: tuple[int, int]) -> None:
    """Refuse a file whose size or time changed while it was read."""
    if size_and_time(file) != before:
        raise FileRefusedError(refusals.CHANGED_WHILE_READ)


def content_sha256(file: BinaryIO) -> str:
    """Return the SHA-256 of the file as delivered, and set the file back to its start."""
    digest = hashlib.file_digest(cast(io.BufferedReader, file), "sha256").hexdigest()
    file.seek(0)
    return digest


@contextmanager
def unpacked(file: BinaryIO, delivery: Delivery) -> Iterator[tuple[BinaryIO, Format]]:
    """Open the content without gzip, zstandard or zip, of a workbook its first sheet as CSV.

    Parquet needs random access, so it is unpacked into a temporary file, as what zip and zstandard hold.

    Args:
        file: the file as delivered, at its start.
        delivery: its name.

    Yields:
        The content, and its format: by the name, else by how the content begins.

    Raises:
        FileRefusedError: the content is no gzip, or cut off, or an archive or workbook under another name.
    """
    start = _start(file)
    if start.startswith(OLD_OFFICE_MAGIC):
        raise FileRefusedError(refusals.WORKBOOK)
    if start.startswith(ZIP_MAGIC) or delivery.path.name.lower().endswith((".zip", SHEETS)):
        with _unzipped(file, delivery) as found:
            yield found
        return
    if start.startswith(ZSTANDARD_MAGIC) or delivery.path.name.lower().endswith(".zst"):
        with without_zstandard(file) as plain:
            yield plain, _format_of_plain(_start(plain), delivery.format)
        return
    # Stores and browsers unpack or pack files without changing their names.
    if not delivery.is_gzip and delivery.format and not start.startswith(GZIP_MAGIC):
        yield file, _format_of_plain(start, delivery.format)
        return
    try:
        kind = delivery.format or _format_by_content(file)
        with _LimitedGzip(file, unpacked_limit(file, is_stored=kind == "parquet")) as content:
            if kind != "parquet":
                yield cast(BinaryIO, content), kind
                return
            with tempfile.TemporaryFile() as plain:
                copy_limited(content, plain, file)
                yield cast(BinaryIO, plain), kind
    except gzip.BadGzipFile:
        raise FileRefusedError(refusals.NOT_GZIP) from None
    except (EOFError, zlib.error):
        raise FileRefusedError(refusals.TRUNCATED_GZIP) from None


def _start(file: BinaryIO) -> bytes:
    start = file.read(SNIFFED_BYTES)
    file.seek(0)
    return start


@contextmanager
def _unzipped(file: BinaryIO, delivery: Delivery) -> Iterator[tuple[BinaryIO, Format]]:
    names = member_names(file)
    if SHEET_LIST in names or delivery.path.name.lower().endswith(SHEETS):
        with first_sheet(file) as sheet:
            yield sheet, "csv"
        return
    if OTHER_DOCUMENTS & set(names):
        raise FileRefusedError(refusals.WORKBOOK)
    with only_member(file) as (plain, name):
        start = _start(plain)
        if SHEET_LIST in (member_names(plain) if start.startswith(ZIP_MAGIC) else ()):
            with first_sheet(plain) as sheet:
                yield sheet, "csv"
        elif start.startswith((ZIP_MAGIC, GZIP_MAGIC, ZSTANDARD_MAGIC, OLD_OFFICE_MAGIC)):
            raise FileRefusedError(refusals.ARCHIVE, found="an archive in an archive")
        else:
            inside = replace(delivery, path=delivery.path.with_name(name))
            yield plain, _format_of_plain(start, inside.format or delivery.format)


def _format_of_plain(start: bytes, named: Format | None) -> Format:
    """Return the format by the name, unless the first bytes are those of another one."""
    if named == "parquet":
        return named
    if start.startswith(PARQUET_MAGIC):
        return "parquet"
    return named or _format_of_text(start)


def _format_by_content(file: BinaryIO) -> Format:
    """Return the format of what is in a gzip file; refused when it is neither Parquet nor text."""
    with gzip.GzipFile(fileobj=file) as content:
        start = content.read(SNIFFED_BYTES)
    file.seek(0)
    return _format_of_plain(start, None)


def _format_of_text(start: bytes) -> Format:
    if not start:
        raise FileRefusedError(refusals.EMPTY_FILE)
    if b"\0" in start:
        raise FileRefusedError(refusals.UNKNOWN_FORMAT)
    return "jsonl" if start.removeprefix(BYTE_ORDER_MARK).lstrip().startswith((b"{", b"[")) else "csv"


class _LimitedGzip(gzip.GzipFile):
    """A gzip file that is refused once more than the limit has been read of it."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        super().__init__(fileobj=file)
        self._rest = limit

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self._rest -= len(data)
        if self._rest < 0:
            raise FileRefusedError(refusals.UNPACKED_TOO_LARGE)
        return data


def line_blocks(file: BinaryIO, block_bytes: int = BLOCK_BYTES) -> Iterator[LineBlock]:
    """Cut a text into blocks of whole lines; refused when it has no content or is not UTF-8."""
    first_line = 1
    unfinished: list[bytes] = []
    data = file.read(block_bytes)
    if not data:
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
