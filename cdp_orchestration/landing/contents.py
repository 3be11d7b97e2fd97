"""The bytes of one delivered file: opened once, hashed, unpacked and cut into blocks of whole lines."""

import gzip
import hashlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.inbox import Delivery
from cdp_orchestration.landing.refusals import FileRefusedError

BLOCK_BYTES = 16 * 1024 * 1024
LONGEST_LINE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class LineBlock:
    """Some whole lines of a text file; ``first_line`` counts from 1, only the last block may lack a final newline."""

    first_line: int
    data: bytes
    is_last: bool


@contextmanager
def open_delivery(delivery: Delivery) -> Iterator[BinaryIO]:
    """The open file; refused when it is gone, closed to us, empty, or changes before the caller is done."""
    if delivery.problem:
        raise FileRefusedError(delivery.problem)
    try:
        file = delivery.path.open("rb")
    except FileNotFoundError:
        raise FileRefusedError(refusals.DISAPPEARED) from None
    except OSError:
        raise FileRefusedError(refusals.UNREADABLE) from None
    with file:
        before = os.fstat(file.fileno())
        if before.st_size == 0:
            raise FileRefusedError(refusals.EMPTY_FILE)
        yield file
        after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise FileRefusedError(refusals.CHANGED_WHILE_READ)


def content_sha256(file: BinaryIO) -> str:
    """The digest of the file as delivered; the file stands at its start again."""
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


@contextmanager
def unpacked(file: BinaryIO, delivery: Delivery, scratch: Path) -> Iterator[BinaryIO]:
    """The content without gzip. Parquet is read out of order, so that it is unpacked to a file in ``scratch``."""
    if not delivery.is_gzip:
        yield file
        return
    try:
        with gzip.GzipFile(fileobj=file) as content:
            if delivery.format != "parquet":
                yield cast(BinaryIO, content)
                return
            with tempfile.TemporaryFile(dir=scratch) as plain:
                shutil.copyfileobj(content, plain)
                plain.seek(0)
                yield cast(BinaryIO, plain)
    except gzip.BadGzipFile:
        raise FileRefusedError(refusals.NOT_GZIP) from None
    except (EOFError, zlib.error):
        raise FileRefusedError(refusals.TRUNCATED_GZIP) from None


def line_blocks(file: BinaryIO, block_bytes: int = BLOCK_BYTES) -> Iterator[LineBlock]:
    """Cut a text into blocks of whole lines; refused when it has no content or is not UTF-8."""
    first_line = 1
    pieces: list[bytes] = []
    while data := file.read(block_bytes):
        cut = data.rfind(b"\n") + 1
        if cut:
            block = b"".join([*pieces, data[:cut]])
            yield LineBlock(first_line, _utf8(block), is_last=False)
            first_line += block.count(b"\n")
            pieces = []
        pieces.append(data[cut:])
        if sum(map(len, pieces)) > LONGEST_LINE_BYTES:
            raise FileRefusedError(refusals.LINE_TOO_LONG)
    rest = b"".join(pieces)
    if first_line == 1 and not rest:
        raise FileRefusedError(refusals.EMPTY_FILE)
    yield LineBlock(first_line, _utf8(rest), is_last=True)


def _utf8(data: bytes) -> bytes:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise FileRefusedError(refusals.NOT_UTF8) from None
    return data
