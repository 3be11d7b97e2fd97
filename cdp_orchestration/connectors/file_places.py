"""Where files can lie: each place lists its files and opens one of them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any, Protocol
from urllib.parse import unquote, urlsplit

from cdp_orchestration.connectors.file_names import is_meant, split_pattern
from cdp_orchestration.connectors.files import Files
from cdp_orchestration.connectors.secret_values import secret_value

TIMEOUT_SECONDS = 60
ATTEMPTS = 5


@dataclass(frozen=True)
class FoundFile:
    """A file of a place: its name below the declared folder, its size, and what changes when it does."""

    name: str
    size_bytes: int | None
    version: str
    changed_at: datetime | None


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
    """
    scheme = urlsplit(address).scheme
    if scheme in ("http", "https"):
        import requests

        with requests.Session() as session:
            yield _UrlPlace(address, _with_retries(session, declared))
    elif scheme == "sftp":
        with closing(_sftp(declared, address)) as client:
            yield _SftpPlace(client.open_sftp(), unquote(urlsplit(address).path))
    else:
        yield _ArrowPlace(_filesystem(declared, scheme), _path_below(address))


class _ArrowPlace:
    """A folder of this machine or of a cloud's store, by the filesystems of Arrow."""

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
        stream: IO[bytes] = self._filesystem.open_input_stream(f"{self._folder.rstrip('/')}/{found.name}")
        return stream

    def _found(self, info: Any, name: str) -> FoundFile:
        return FoundFile(name, info.size, str(info.mtime_ns), info.mtime)


class _SftpPlace:
    """A folder of an SFTP server."""

    def __init__(self, client: Any, path: str) -> None:
        self._client = client
        self._folder, self._pattern = split_pattern(path)

    def files(self) -> Iterator[FoundFile]:
        import stat

        itself = self._client.stat(self._folder)
        if not stat.S_ISDIR(itself.st_mode):
            self._folder, _, name = self._folder.rpartition("/")
            yield self._found(itself, name)
            return
        yield from (found for found in self._below("") if is_meant(found.name, self._pattern))

    def open(self, found: FoundFile) -> IO[bytes]:
        stream: IO[bytes] = self._client.open(f"{self._folder.rstrip('/')}/{found.name}", "rb", 1024 * 1024)
        return stream

    def _below(self, folder: str) -> Iterator[FoundFile]:
        import stat

        for entry in self._client.listdir_attr(f"{self._folder.rstrip('/')}/{folder}"):
            name = f"{folder}{entry.filename}"
            if stat.S_ISDIR(entry.st_mode):
                yield from self._below(f"{name}/")
            elif stat.S_ISREG(entry.st_mode):
                yield self._found(entry, name)

    def _found(self, entry: Any, name: str) -> FoundFile:
        return FoundFile(name, entry.st_size, str(entry.st_mtime), datetime.fromtimestamp(entry.st_mtime, UTC))


class _UrlPlace:
    """One file behind a URL."""

    def __init__(self, address: str, session: Any) -> None:
        self._address, self._session = address, session

    def files(self) -> Iterator[FoundFile]:
        answer = self._session.head(self._address, allow_redirects=True, timeout=TIMEOUT_SECONDS)
        headers = answer.headers if answer.ok else {}
        changed = headers.get("Last-Modified")
        size = headers.get("Content-Length") if "Content-Encoding" not in headers else None
        # A server that says neither gives the file each time; landing knows its content.
        version = headers.get("ETag") or changed or ""
        name = unquote(urlsplit(self._address).path.rpartition("/")[2]) or "download"
        # What a server gives has been written: it need not be quiet for a while.
        yield FoundFile(name, int(size) if size else None, version, changed_at=None)

    def open(self, found: FoundFile) -> IO[bytes]:  # noqa: ARG002 - there is one file
        answer = self._session.get(self._address, stream=True, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        answer.raw.decode_content = "Content-Encoding" in answer.headers
        stream: IO[bytes] = answer.raw
        return stream


def _path_below(address: str) -> str:
    parts = urlsplit(address)
    # A name may hold what would be a query or a fragment of a URL.
    return address.partition("://")[2] if parts.scheme else address


def _filesystem(declared: Files, scheme: str) -> Any:
    from pyarrow import fs

    if scheme == "s3":
        options: dict[str, Any] = {"region": declared.region} if declared.region else {}
        if declared.access_key and declared.secret_key:
            options |= {
                "access_key": secret_value(declared.access_key),
                "secret_key": secret_value(declared.secret_key),
            }
        if declared.endpoint:
            parts = urlsplit(declared.endpoint)
            options |= {"endpoint_override": parts.netloc + parts.path.rstrip("/"), "scheme": parts.scheme}
        return fs.S3FileSystem(connect_timeout=TIMEOUT_SECONDS, request_timeout=TIMEOUT_SECONDS, **options)
    if scheme == "gs":
        token = {"access_token": secret_value(declared.token)} if declared.token else {}
        expires = {"credential_token_expiration": datetime.max.replace(tzinfo=UTC)} if token else {}
        return fs.GcsFileSystem(**token, **expires)
    if scheme == "abfs":
        key = {"account_key": secret_value(declared.secret_key)} if declared.secret_key else {}
        return fs.AzureFileSystem(account_name=declared.account or "", **key)
    return fs.LocalFileSystem()


def _with_retries(session: Any, declared: Files) -> Any:
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    retries = Retry(ATTEMPTS, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retries))
    if declared.token:
        session.headers["Authorization"] = f"Bearer {secret_value(declared.token)}"
    return session


def _sftp(declared: Files, address: str) -> Any:
    import base64

    import paramiko

    parts = urlsplit(address)
    client = paramiko.SSHClient()
    kind, _, key = (declared.host_key or "").partition(" ")
    name = parts.hostname or ""
    names = [name] if parts.port in (None, 22) else [f"[{name}]:{parts.port}"]
    for each in names:
        client.get_host_keys().add(each, kind, paramiko.PKey.from_type_string(kind, base64.b64decode(key)))
    private = paramiko.PKey.from_path(declared.private_key.removeprefix("file:")) if declared.private_key else None
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
    return client
