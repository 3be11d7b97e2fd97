"""Where files can lie: each place lists its files and opens one of them."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import unquote, urlsplit

from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.files.cloud_stores import arrow_filesystem
from cdp_orchestration.connectors.files.declaration import Files
from cdp_orchestration.connectors.files.names import is_meant, split_pattern
from cdp_orchestration.connectors.files.sftp import SftpPlace, sftp_client
from cdp_orchestration.connectors.files.urls import TIMEOUT_SECONDS, FoundFile, UrlPlace, url_session


class Place(Protocol):
    """A place with files."""

    def files(self) -> Iterator[FoundFile]:
        """Yield the files that are meant, in any order."""
        ...

    def open(self, found: FoundFile) -> IO[bytes]:
        """Open one of them."""
        ...

    def again(self, found: FoundFile) -> FoundFile | None:
        """Return one of them as it is now; None where it is gone, or is a body that comes whole or not at all."""
        ...


@contextmanager
def opened_place(declared: Files, address: str) -> Iterator[Place]:
    """Connect to the place of an address for the duration of the block.

    Args:
        declared: how to connect.
        address: the declared path, or the secret that it refers to.

    Yields:
        The place.

    Raises:
        FetchError: the address is not one that this declaration can connect to.
    """
    if problem := declared.problem_of(address):
        raise FetchError(problem)
    scheme = urlsplit(address).scheme
    if scheme in ("http", "https"):
        with url_session(declared) as session:
            yield UrlPlace(address, session)
    elif scheme == "sftp":
        with closing(sftp_client(declared, address)) as client:
            files = client.open_sftp()
            files.get_channel().settimeout(TIMEOUT_SECONDS)
            yield SftpPlace(files, unquote("/" + _path_below(address).partition("/")[2]))
    elif not scheme:
        yield _FolderPlace(address)
    else:
        yield _ArrowPlace(arrow_filesystem(declared, scheme), _path_below(address))


class _FolderPlace:
    """A folder of this machine; linked folders are not entered, since they may lead back."""

    def __init__(self, path: str) -> None:
        self._folder, self._pattern = split_pattern(path)

    def files(self) -> Iterator[FoundFile]:
        root = Path(self._folder)
        if root.is_file():
            self._folder = str(root.parent)
            yield self._found(root.stat(), root.name)
            return
        for folder, _, names in os.walk(root, onerror=_raise):
            for each in (Path(folder, name) for name in names):
                name = each.relative_to(root).as_posix()
                if is_meant(name, self._pattern) and each.is_file():
                    yield self._found(each.stat(), name)

    def open(self, found: FoundFile) -> IO[bytes]:
        return Path(self._folder, found.name).open("rb")

    def again(self, found: FoundFile) -> FoundFile | None:
        try:
            return self._found(Path(self._folder, found.name).stat(), found.name)
        except FileNotFoundError:
            return None

    def _found(self, status: os.stat_result, name: str) -> FoundFile:
        return FoundFile(name, status.st_size, str(status.st_mtime_ns), datetime.fromtimestamp(status.st_mtime, UTC))


def _raise(error: OSError) -> None:
    raise error


class _ArrowPlace:
    """A folder of a cloud's store, by the filesystems of Arrow."""

    def __init__(self, filesystem: Any, path: str) -> None:
        self._filesystem = filesystem
        self._folder, self._pattern = split_pattern(path)
        # A bucket can have a file with the name of a folder, and may not let those ask for it who may read the folder.
        self._may_be_a_file = self._folder == path

    def files(self) -> Iterator[FoundFile]:
        from pyarrow.fs import FileSelector, FileType

        if self._may_be_a_file:
            (itself,) = self._filesystem.get_file_info([self._folder])
            if itself.type == FileType.File:
                self._folder, _, name = self._folder.rpartition("/")
                yield self._found(itself, name)
                return
        for info in self._filesystem.get_file_info(FileSelector(self._folder, recursive=True)):
            name = info.path[len(self._folder.rstrip("/")) + 1 :]
            if info.type == FileType.File and is_meant(name, self._pattern):
                yield self._found(info, name)

    def open(self, found: FoundFile) -> IO[bytes]:
        path = self._path_of(found)
        if "//" in path:
            raise FetchError(
                f"the key of {found.name} has an empty part between two slashes, which cannot be read; expected none. "
                "Have it renamed, or declare a pattern without it"
            )
        # Arrow would unpack by the ending of the name; the file comes as it is.
        stream: IO[bytes] = self._filesystem.open_input_stream(path, compression=None)
        return stream

    def again(self, found: FoundFile) -> FoundFile | None:
        from pyarrow.fs import FileType

        (info,) = self._filesystem.get_file_info([self._path_of(found)])
        return self._found(info, found.name) if info.type == FileType.File else None

    def _path_of(self, found: FoundFile) -> str:
        return f"{self._folder.rstrip('/')}/{found.name}"

    def _found(self, info: Any, name: str) -> FoundFile:
        return FoundFile(name, info.size, str(info.mtime_ns), info.mtime)


def _path_below(address: str) -> str:
    parts = urlsplit(address)
    # A name may hold what would be a query or a fragment of a URL.
    return address.partition("://")[2] if parts.scheme else address
