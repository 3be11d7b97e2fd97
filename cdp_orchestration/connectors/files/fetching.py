"""Copying the new and changed files of a place into a stream's inbox."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cdp_orchestration.connectors.fetching import Fetched, FetchError, Position
from cdp_orchestration.connectors.files.declaration import Files
from cdp_orchestration.connectors.files.names import path_below
from cdp_orchestration.connectors.files.places import Place, opened_place
from cdp_orchestration.connectors.files.urls import FoundFile
from cdp_orchestration.connectors.secret_values import ENVIRONMENT, FILE, references_in, secret_value, without_secrets
from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, sync_to_disk

_MAX_MESSAGE_CHARACTERS = 300
_FAILURES_IN_A_ROW = 3  # of so many files the place itself is the cause
_QUERY = re.compile(r"\?\S+")
_USER = re.compile(r"//[^/\s@]+@")
_PIECE_BYTES = 1024 * 1024
_NEVER = datetime.min.replace(tzinfo=UTC)


class FilesConnector:
    """Copies what a place has; the position has the version of each file that was copied, by its name.

    It also has the files that were not quiet yet, with the time of the first look at this version: a sender's clock may
    be wrong.
    """

    def __init__(self, declared: Files) -> None:
        """Take the declaration; nothing is opened."""
        self._declared = declared

    def fetch(self, position: Position | None, folder: Path) -> Fetched:
        """Copy the new and changed files.

        Args:
            position: that of the last fetch, ``{"files": {name: version}, "waiting": {name: [version, time]}}``.
            folder: the stream's folder of the inbox.

        Returns:
            The files. A place that cannot be reached, or that has no such folder, raises FetchError; what was copied
            before stays, and is not copied again. A file that cannot be read alone does not hold up the others.
        """
        copied = _Copied(dict((position or {}).get("files", {})), dict((position or {}).get("waiting", {})))
        try:
            for found, place in self._found():
                self._take(found, place, folder, copied)
        except _read_errors() as error:
            copied.problem = copied.problem or error
        if copied.problem is None:
            return copied.fetched(copied.present)
        failure = FetchError(self._message(copied.problem))
        failure.reached = copied.fetched(copied.known | copied.present)
        raise failure

    def copy_newest(self, folder: Path) -> Path:
        """Copy the file that changed last into a folder; of files without a time the last by name.

        Returns:
            The copy.

        Raises:
            FetchError: the place cannot be read, or has no such file.
        """
        try:
            with opened_place(self._declared, self._address()) as place:
                found = max(place.files(), key=lambda each: (each.changed_at or _NEVER, each.name), default=None)
                path = _copy(place, found, folder) if found else None
        except _read_errors() as error:
            raise FetchError(self._message(error)) from None
        if path is None:
            raise FetchError(f"{self._declared.path} has no such file; expected at least one.")
        return path

    def _address(self) -> str:
        path = self._declared.path
        return secret_value(path) if path.startswith((ENVIRONMENT, FILE)) else path

    def _found(self) -> Iterator[tuple[FoundFile, Place]]:
        with opened_place(self._declared, self._address()) as place:
            yield from ((found, place) for found in sorted(place.files(), key=lambda each: each.name))

    def _is_quiet(self, found: FoundFile, version: str, copied: "_Copied") -> bool:
        now, quiet = datetime.now(UTC), timedelta(seconds=self._declared.quiet_seconds)
        if found.changed_at is None or found.changed_at <= now - quiet:
            return True
        seen, seen_at = copied.waited.get(found.name, ("", now.isoformat()))
        since = seen_at if seen == version else now.isoformat()
        copied.waiting[found.name] = (version, since)
        return datetime.fromisoformat(since) <= now - quiet

    def _take(self, found: FoundFile, place: Place, folder: Path, copied: "_Copied") -> None:
        version = f"{found.size_bytes} {found.version}" if found.version else ""
        if version and copied.known.get(found.name) == version:
            copied.present[found.name] = version
            return
        if not self._is_quiet(found, version, copied):
            return
        try:
            path = _copy(place, found, folder)
        except _read_errors() as error:
            copied.problem = copied.problem or error
            copied.failures_in_a_row += not isinstance(error, FetchError)  # which is of this file alone
            if copied.failures_in_a_row == _FAILURES_IN_A_ROW:
                raise
            return
        copied.failures_in_a_row = 0
        if path:
            copied.paths.append(path)
            copied.present[found.name] = version

    def _message(self, error: Exception) -> str:
        if isinstance(error, CdpError):  # of this platform: it repeats nothing of an address
            return f"The files of {self._declared.path} cannot be read: {str(error).rstrip('.')}."
        if cause := _cause(error):
            return f"The files of {self._declared.path} cannot be read: {cause}."
        said = " ".join(f"{type(error).__name__}: {error}".split())
        said = without_secrets(said, references_in(self._declared.model_dump()))
        # A server may have led on to an address that is signed.
        said = _USER.sub("//…@", _QUERY.sub("?…", said))
        return (
            f"The files of {self._declared.path} cannot be read: {said[:_MAX_MESSAGE_CHARACTERS]}. Check that the "
            "place is there and may be read; the next sync goes on with the files that are missing."
        )


@dataclass
class _Copied:
    """What was known before a fetch, and what it has found and copied."""

    known: dict[str, str]
    waited: dict[str, tuple[str, str]]
    present: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, tuple[str, str]] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)
    failures_in_a_row: int = 0
    problem: Exception | None = None

    def fetched(self, versions: dict[str, str]) -> Fetched:
        waiting = {name: list(seen) for name, seen in self.waiting.items() if name not in self.present}
        return Fetched(tuple(self.paths), None, {"files": versions} | ({"waiting": waiting} if waiting else {}))


def _read_errors() -> tuple[type[Exception], ...]:
    """Return the errors by which the libraries say that a place or a file cannot be read; they may name secrets."""
    import paramiko
    import pyarrow as pa
    import urllib3

    return (OSError, EOFError, CdpError, pa.ArrowException, paramiko.SSHException, urllib3.exceptions.HTTPError)


def _cause(error: Exception) -> str | None:
    """Return why no SFTP server lets anyone in, and what to do; None of what its library says in plain words."""
    import paramiko

    causes: dict[type[Exception], str] = {
        paramiko.BadHostKeyException: "the server has another key than `host_key`; ask whoever runs it which one is "
        "right, since it may be another server",
        paramiko.AuthenticationException: "the server refuses user, password or private key; correct them",
        paramiko.ssh_exception.NoValidConnectionsError: "no server answers there; check host and port",
    }
    return next((cause for kind, cause in causes.items() if isinstance(error, kind)), None)


def _copy(place: Place, found: FoundFile, folder: Path) -> Path | None:
    """Copy a file under a name that is unfinished until it is whole; None where it is gone or has changed meanwhile."""
    path = path_below(folder, found.name)
    unfinished = path.with_name(path.name + UNFINISHED_ENDING)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with place.open(found) as source, unfinished.open("wb") as target:
            shutil.copyfileobj(source, target, _PIECE_BYTES)
        # The pieces of a store's file may be of two versions.
        now = place.again(found) if unfinished.stat().st_size > _PIECE_BYTES else None
    except FileNotFoundError:
        unfinished.unlink(missing_ok=True)
        return None
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    if found.size_bytes not in (None, unfinished.stat().st_size) or (now and not now.is_as(found)):
        unfinished.unlink()
        return None
    sync_to_disk(unfinished)
    unfinished.replace(path)
    sync_to_disk(path.parent)
    return path
