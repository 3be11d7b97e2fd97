"""The bytes of one delivered file: opened once, hashed, and unpacked."""

import gzip
import hashlib
import io
import os
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO, cast

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.files.archives import (
    ZSTANDARD_MAGIC,
    copy_limited,
    member_names,
    only_member,
    unpacked_limit,
    without_zstandard,
)
from cdp_orchestration.landing.files.encodings import in_utf8, start_in_utf8
from cdp_orchestration.landing.files.workbooks import OTHER_DOCUMENTS, SHEET_LIST, opened_sheet
from cdp_orchestration.landing.inbox import SHEETS, Delivery, Format
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources.file_forms import FileForms

SNIFFED_BYTES = 4096
GZIP_MAGIC = b"\x1f\x8b\x08"
ZIP_MAGIC = b"PK\x03\x04"
PARQUET_MAGIC = b"PAR1"
OLD_OFFICE_MAGIC = b"\xd0\xcf\x11\xe0"


# The first bytes of what is delivered under the name of data and is none that landing reads.
_OTHER_KINDS = (
    (b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"7z\xbc\xaf", "7-Zip"), (b"Rar!", "RAR"), (b"\x04\x22\x4d\x18", "LZ4"),
    (b"%PDF-", "PDF"), (b"Obj\x01", "Avro"), (b"ORC", "ORC"), (b"ARROW1", "Arrow"),
    (b"PARE", "an encrypted Parquet file"),
    (b"SQLite format 3\0", "a SQLite database"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"),
)  # fmt: skip
_NO_TEXT = re.compile(rb"\A%PDF-|[\0-\x08]")
_TAR_MAGIC, _TAR_PLACE = b"ustar", 257
_MARKUP = re.compile(rb"\s*<(?:!doctype html|html|\?xml)[\s>]", re.IGNORECASE)
_JSON_START = re.compile(rb"\s*(?:\{\s*(?:\"|\})|\[\s*(?:\{|\[|\]))")


@contextmanager
def open_delivery(delivery: Delivery, forms: FileForms) -> Iterator[BinaryIO]:
    """Open a delivered file; refuse it when it no longer exists, cannot be opened, or is empty and must not be."""
    if delivery.problem:
        raise FileRefusedError(delivery.problem)
    try:
        file = delivery.path.open("rb")
    except FileNotFoundError:
        raise FileRefusedError(refusals.DISAPPEARED) from None
    except OSError:
        raise FileRefusedError(refusals.UNREADABLE) from None
    with file:
        # Without a header, nothing at all is what an export of no rows writes.
        may_be_empty = bool(forms.columns) and delivery.format == "csv"
        if os.fstat(file.fileno()).st_size == 0 and not may_be_empty:
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
def unpacked(file: BinaryIO, delivery: Delivery, forms: FileForms) -> Iterator[tuple[BinaryIO, Format]]:
    """Open the content without gzip, zstandard or zip, text as UTF-8, of a workbook one sheet as CSV.

    Parquet needs random access, so it is unpacked into a temporary file, as what zip and zstandard hold.

    Args:
        file: the file as delivered, at its start.
        delivery: its name.
        forms: how the files of its stream are written.

    Yields:
        The content, and its format: by the name, else by how the content begins. A content that is no gzip, or cut
        off, or an archive or workbook under another name raises FileRefusedError.
    """
    with _plain(file, delivery, forms) as (content, kind):
        yield in_utf8(content, forms.encoding) if kind in ("csv", "jsonl") else content, kind


@contextmanager
def _plain(file: BinaryIO, delivery: Delivery, forms: FileForms) -> Iterator[tuple[BinaryIO, Format]]:
    start = _start(file)
    if start.startswith(OLD_OFFICE_MAGIC):
        raise FileRefusedError(refusals.WORKBOOK)
    if start.startswith(ZIP_MAGIC) or delivery.path.name.lower().endswith((".zip", SHEETS)):
        with _unzipped(file, delivery, forms) as found:
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
        kind = _format_by_content(file, delivery.format)
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
def _unzipped(file: BinaryIO, delivery: Delivery, forms: FileForms) -> Iterator[tuple[BinaryIO, Format]]:
    names = member_names(file)
    if SHEET_LIST in names or delivery.path.name.lower().endswith(SHEETS):
        with opened_sheet(file, forms) as sheet:
            yield sheet, "sheet"
        return
    if OTHER_DOCUMENTS & set(names):
        raise FileRefusedError(refusals.WORKBOOK)
    with only_member(file) as (plain, name):
        start = _start(plain)
        if SHEET_LIST in (member_names(plain) if start.startswith(ZIP_MAGIC) else ()):
            with opened_sheet(plain, forms) as sheet:
                yield sheet, "sheet"
        elif start.startswith((ZIP_MAGIC, GZIP_MAGIC, ZSTANDARD_MAGIC, OLD_OFFICE_MAGIC)):
            raise FileRefusedError(refusals.ARCHIVE, found="an archive in an archive")
        else:
            inside = replace(delivery, path=delivery.path.with_name(name))
            yield plain, _format_of_plain(start, inside.format or delivery.format)


def _format_of_plain(start: bytes, named: Format | None) -> Format:
    """Return the format by the name, unless the first bytes are those of another one."""
    _refuse_other_kind(start)
    if named == "parquet":
        return named
    if start.startswith(PARQUET_MAGIC):
        return "parquet"
    if named == "csv" and _JSON_START.match(start_in_utf8(start)):
        return "jsonl"  # no heading begins so
    return named or _format_of_text(start)


def _refuse_other_kind(start: bytes) -> None:
    found = next((kind for magic, kind in _OTHER_KINDS if start.startswith(magic)), None)
    if not _NO_TEXT.search(start):
        found = None  # a heading may begin with the same letters
    if start[_TAR_PLACE:].startswith(_TAR_MAGIC):
        found = "tar"
    if _MARKUP.match(start_in_utf8(start)):
        found = "a page of HTML or XML"
    if found:
        raise FileRefusedError(refusals.OTHER_KIND, found=f"found: {found}")


def _format_by_content(file: BinaryIO, named: Format | None) -> Format:
    """Return the format of what is in a gzip file; refused when it is neither Parquet nor text."""
    with gzip.GzipFile(fileobj=file) as content:
        start = content.read(SNIFFED_BYTES)
    file.seek(0)
    return _format_of_plain(start, named)


def _format_of_text(start: bytes) -> Format:
    if not start:
        raise FileRefusedError(refusals.EMPTY_FILE)
    text = start_in_utf8(start)
    if b"\0" in text:
        raise FileRefusedError(refusals.UNKNOWN_FORMAT)
    return "jsonl" if text.lstrip().startswith((b"{", b"[")) else "csv"


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
