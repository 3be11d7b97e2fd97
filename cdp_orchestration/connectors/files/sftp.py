"""Files of an SFTP server: only one whose key is the declared one is read."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.files.declaration import Files
from cdp_orchestration.connectors.files.names import is_meant, split_pattern
from cdp_orchestration.connectors.files.urls import TIMEOUT_SECONDS, FoundFile
from cdp_orchestration.connectors.secret_values import FILE, secret_value


class SftpPlace:
    """A folder of an SFTP server."""

    def __init__(self, client: Any, path: str) -> None:
        """Take an open connection; nothing is listed yet."""
        self._client = client
        self._folder, self._pattern = split_pattern(path)

    def files(self) -> Iterator[FoundFile]:
        """Yield the files that are meant."""
        itself = self._client.stat(self._folder)
        if not stat.S_ISDIR(_mode(itself)):
            self._folder, _, name = self._folder.rpartition("/")
            yield self._found(itself, name)
            return
        yield from (found for found in self._below("") if is_meant(found.name, self._pattern))

    def open(self, found: FoundFile) -> IO[bytes]:
        """Open one of them."""
        stream: IO[bytes] = self._client.open(self._path_of(found.name), "rb", 1024 * 1024)
        return stream

    def again(self, found: FoundFile) -> FoundFile | None:
        """Return one of them as it is now; None where it is gone."""
        try:
            return self._found(self._client.stat(self._path_of(found.name)), found.name)
        except FileNotFoundError:
            return None

    def _path_of(self, name: str) -> str:
        return f"{self._folder.rstrip('/')}/{name}"

    def _below(self, folder: str) -> Iterator[FoundFile]:
        for entry in self._listed(self._path_of(folder)):
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
            return self._client.stat(self._path_of(name))
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


def sftp_client(declared: Files, address: str) -> Any:
    """Return a connection to the server of an address; the caller closes it.

    Args:
        declared: who connects, and the key that the server must have.
        address: the declared path, or the secret that it refers to.

    Raises:
        FetchError: the server's key or the private key is none.
    """
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
