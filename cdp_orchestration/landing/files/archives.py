"""Files that hold another one: a zip archive with exactly one data file, and zstandard."""

import errno
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, BinaryIO, Protocol, cast

import pyarrow as pa

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.inbox import is_no_data
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources.limits import (
    MAX_FREE_SPACE_SHARE,
    MAX_LINE_BYTES,
    MAX_UNPACKED_BYTES,
    MAX_UNPACKED_RATIO,
)

ZSTANDARD_MAGIC = b"\x28\xb5\x2f\xfd"
_PIECE_BYTES = 1024 * 1024
_ENCRYPTED = 1  # the bit of a member's flags


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def member_names(file: BinaryIO) -> list[str]:
    """Return the names in an archive, and set it back to its start; an archive that cannot be read has none."""
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return []
    finally:
        file.seek(0)


@contextmanager
def only_member(file: BinaryIO) -> Iterator[tuple[BinaryIO, str]]:
    """Unpack the one data file of an archive into a temporary file.

    What programs leave in archives beside the data, such as ``__MACOSX/``, is no data. No name of an archive ever
    becomes a path.

    Yields:
        The content and its name.

    Raises:
        FileRefusedError: it holds another number of data files, is encrypted, damaged or too large.
    """
    with tempfile.TemporaryFile() as plain:
        try:
            with zipfile.ZipFile(file) as archive:
                member = _only_data_file(archive)
                with archive.open(member) as content:
                    copy_limited(cast(_Readable, content), plain, file)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError):
            raise FileRefusedError(refusals.ARCHIVE, found="an archive that is cut off or damaged") from None
        yield cast(BinaryIO, plain), PurePosixPath(member.filename).name


@contextmanager
def without_zstandard(file: BinaryIO) -> Iterator[BinaryIO]:
    """Unpack a zstandard file into a temporary one."""
    with tempfile.TemporaryFile() as plain, os.fdopen(os.dup(file.fileno()), "rb") as packed:
        try:
            with pa.CompressedInputStream(pa.PythonFile(packed, mode="r"), "zstd") as content:
                copy_limited(content, plain, file)
        except (pa.ArrowInvalid, OSError) as error:
            if getattr(error, "errno", None):  # of this machine's disk, not of the content
                raise
            raise FileRefusedError(refusals.BROKEN_ZSTANDARD) from None
        yield cast(BinaryIO, plain)


def unpacked_limit(file: BinaryIO, *, is_stored: bool) -> int:
    """Return how many bytes a packed file may have unpacked; fewer where these take temporary space."""
    packed = os.fstat(file.fileno()).st_size
    limit = min(MAX_UNPACKED_BYTES, max(MAX_LINE_BYTES, packed * MAX_UNPACKED_RATIO))
    if is_stored:
        limit = min(limit, int(shutil.disk_usage(tempfile.gettempdir()).free * MAX_FREE_SPACE_SHARE))
    return limit


def copy_limited(content: _Readable, plain: IO[bytes], packed: BinaryIO) -> None:
    """Copy what is unpacked into a temporary file, refuse it beyond the limit, and set the file to its start."""
    limited = _Limited(content, unpacked_limit(packed, is_stored=True))
    try:
        shutil.copyfileobj(limited, plain, _PIECE_BYTES)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise FileRefusedError(refusals.NO_TEMPORARY_SPACE) from None
    plain.seek(0)


class _Limited:
    """A content that is refused once more than a limit has been read of it."""

    def __init__(self, content: _Readable, limit: int) -> None:
        self._content, self._rest = content, limit

    def read(self, size: int = -1, /) -> bytes:
        data = self._content.read(size)
        self._rest -= len(data)
        if self._rest < 0:
            raise FileRefusedError(refusals.UNPACKED_TOO_LARGE)
        return data


def _only_data_file(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [each for each in archive.infolist() if not each.is_dir()]
    if any(_leads_out(each.filename) for each in members):
        raise FileRefusedError(refusals.ARCHIVE, found="a name that leads out of the archive")
    data = [each for each in members if not any(map(is_no_data, each.filename.lower().split("/")))]
    if len(data) != 1:
        raise FileRefusedError(refusals.ARCHIVE, found=f"{len(data)} data files; expected one")
    if data[0].flag_bits & _ENCRYPTED:
        raise FileRefusedError(refusals.ARCHIVE, found="an encrypted file")
    return data[0]


def _leads_out(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ":" in name.split("/")[0] or ".." in name.split("/")
