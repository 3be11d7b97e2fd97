"""Where files can lie: each place lists its files and opens one of them."""

import os
import stat
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
from cdp_orchestration.connectors.files.urls import TIMEOUT_SECONDS, FoundFile, UrlPlace, url_session
from cdp_orchestration.connectors.secret_values import FILE, secret_value


class Place(Protocol):
    """A place with files."""

    def files(self) -> Iterator[FoundFile]:
        """Yield the files that are meant, in any order."""
        ...

    def open(self, found: FoundFile) -> IO[bytes]:
        """Open one of them."""
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
        with closing(_sftp(declared, address)) as client:
            files = client.open_sftp()
            files.get_channel().settimeout(TIMEOUT_SECONDS)
            yield _SftpPlace(files, unquote("/" + _path_below(address).partition("/")[2]))
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

    def _found(self, status: os.stat_result, name: str) -> FoundFile:
        return FoundFile(name, status.st_size, str(status.st_mtime_ns), datetime.fromtimestamp(status.st_mtime, UTC))


def _raise(error: OSError) -> None:
    raise error


class _ArrowPlace:
    """A folder of a cloud's store, by the filesystems of Arrow."""

    def __init__(self, filesystem: Any, path: str) -> None:
        self._filesystem = filesystem
        self._folder, self._pattern = split_pattern(path)

    def files(self) -> Iterator[FoundFile]:
        from pyarrow.fs import FileSelector, FileType

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
        path = f"{self._folder.rstrip('/')}/{found.name}"
        # Arrow would unpack by the ending of the name; the file comes as it is.
        stream: IO[bytes] = self._filesystem.open_input_stream(path, compression=None)
        return stream

    def _found(self, info: Any, name: str) -> FoundFile:
        return FoundFile(name, info.size, str(info.mtime_ns), info.mtime)


class _SftpPlace:
    """A folder of an SFTP server."""

    def __init__(self, client: Any, path: str) -> None:
        self._client = client
        self._folder, self._pattern = split_pattern(path)

    def files(self) -> Iterator[FoundFile]:
        itself = self._client.stat(self._folder)
        if not stat.S_ISDIR(_mode(itself)):
            self._folder, _, name = self._folder.rpartition("/")
            yield self._found(itself, name)
            return
        yield from (found for found in self._below("") if is_meant(found.name, self._pattern))

    def open(self, found: FoundFile) -> IO[bytes]:
        stream: IO[bytes] = self._client.open(f"{self._folder.rstrip('/')}/{found.name}", "rb", 1024 * 1024)
        return stream

    def _below(self, folder: str) -> Iterator[FoundFile]:
        for entry in self._listed(f"{self._folder.rstrip('/')}/{folder}"):
            name = f"{folder}{entry.filename}"
            status = self._followed(entry, name)
            if status is None:
                continue
            if stat.S_ISREG(_mode(status)):
                yield self._found(status, name)
            elif stat.S_ISDIR(_mode(status)) and not stat.S_ISLNK(entry.st_mode or 0):  # a linked one may lead back
                yield from self._below(f"{name}/")

    def _listed(self, folder: str) -> list[Any]:
        try:
            entries: list[Any] = self._client.listdir_attr(folder)
        except UnicodeDecodeError:
            raise FetchError(f"{folder} has a file whose name is not UTF-8; expected UTF-8. Have it renamed") from None
        return entries

    def _followed(self, entry: Any, name: str) -> Any:
        """Return what an entry is or links to, also where a listing does not say it; None of a link to nothing."""
        is_said = stat.S_IFMT(entry.st_mode or 0) and not stat.S_ISLNK(entry.st_mode)
        if is_said:
            return entry
        try:
            return self._client.stat(f"{self._folder.rstrip('/')}/{name}")
        except FileNotFoundError:
            return None

    def _found(self, entry: Any, name: str) -> FoundFile:
        if entry.st_mtime is None:  # without a time every sync copies it; landing knows its content
            return FoundFile(name, entry.st_size, "", None)
        return FoundFile(name, entry.st_size, str(entry.st_mtime), datetime.fromtimestamp(entry.st_mtime, UTC))


def _mode(status: Any) -> int:
    mode = int(status.st_mode or 0)
    if not stat.S_IFMT(mode):
        raise FetchError("the server does not say which entries are files and which folders; expected their modes")
    return mode


def _path_below(address: str) -> str:
    parts = urlsplit(address)
    # A name may hold what would be a query or a fragment of a URL.
    return address.partition("://")[2] if parts.scheme else address


def _private_key(path: str) -> Any:
    import paramiko

    try:
        return paramiko.PKey.from_path(Path(path).expanduser())
    except FileNotFoundError:
        raise FetchError(f"the private key {FILE}{path} is not there; put it there, or correct its place") from None
    except paramiko.PasswordRequiredException:
        raise FetchError(f"the private key {FILE}{path} has a password; expected one without") from None
    except (paramiko.SSHException, paramiko.pkey.UnknownKeyType, ValueError):
        raise FetchError(
            f"{FILE}{path} is no private key; expected the file that `ssh-keygen` wrote, not the one that ends in .pub"
        ) from None


def _sftp(declared: Files, address: str) -> Any:
    import paramiko

    parts = urlsplit(address)
    client = paramiko.SSHClient()
    kind, key = declared.host_key_parts or ("", b"")
    name = parts.hostname or ""
    names = [name] if parts.port in (None, 22) else [f"[{name}]:{parts.port}"]
    try:
        host_key = paramiko.PKey.from_type_string(kind, key)
    except (paramiko.SSHException, paramiko.pkey.UnknownKeyType, ValueError):
        raise FetchError(
            f"the host_key of type {kind} is cut off, or of no type that is known; copy it whole"
        ) from None
    for each in names:
        client.get_host_keys().add(each, kind, host_key)
    private = _private_key(declared.private_key.removeprefix(FILE)) if declared.private_key else None
    try:
        client.connect(
            name,
            parts.port or 22,
            declared.user,
            secret_value(declared.password) if declared.password else None,
            pkey=private,
            look_for_keys=False,
            allow_agent=False,
            timeout=TIMEOUT_SECONDS,
        )
    except BaseException:
        client.close()
        raise
    return client
