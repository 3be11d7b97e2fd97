"""A file behind a URL: its name, whether it has changed, and its content as the server has it."""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.files.declaration import Files
from cdp_orchestration.connectors.secret_values import secret_value

TIMEOUT_SECONDS = 60
ATTEMPTS = 5
_NEVER, _CLOCK_STEP = datetime.min.replace(tzinfo=UTC), timedelta(seconds=1)
_WITH_A_FILE = (200, 203)
_PAGE_FOR_PEOPLE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_ENDINGS = {
    "text/csv": ".csv", "text/tab-separated-values": ".tsv", "application/json": ".json",
    "application/x-ndjson": ".jsonl", "application/jsonl": ".jsonl", "application/vnd.apache.parquet": ".parquet",
}  # fmt: skip


@dataclass(frozen=True)
class FoundFile:
    """A file of a place: its name below the declared folder, its size, and what changes when it does."""

    name: str
    size_bytes: int | None
    version: str
    changed_at: datetime | None

    def is_as(self, other: "FoundFile") -> bool:
        """Return whether another look at the file has found the same, though one may see its time to the second."""
        changed, seen = (each.changed_at or _NEVER for each in (self, other))
        return self.size_bytes == other.size_bytes and abs(changed - seen) < _CLOCK_STEP


class UrlPlace:
    """One file behind a URL."""

    def __init__(self, address: str, session: Any) -> None:
        """Take the address and what asks for it; nothing is asked yet."""
        self._address, self._session = address, session

    def files(self) -> Iterator[FoundFile]:
        """Yield the file, of which only the beginning of the answer has been read."""
        # Servers answer HEAD in their own ways, so the file itself is asked for, and left where its version is known.
        self._answer = self._session.get(self._address, stream=True, timeout=TIMEOUT_SECONDS)
        self._answer.raise_for_status()
        if (status := self._answer.status_code) not in _WITH_A_FILE:
            # Its body is empty or about something else, and would take the place of the file that came before.
            raise FetchError(f"the server answers {status}, without a file; expected 200. Fetch again later")
        headers = self._answer.headers
        # A server that says neither gives the file each time; landing knows its content.
        version = headers.get("ETag") or headers.get("Last-Modified") or ""
        # What a server gives has been written: it need not be quiet for a while.
        # A body shorter than the server says is an error of its reader, so its size need not be compared.
        yield FoundFile(_name_of(self._address, headers), None, version, changed_at=None)

    def open(self, found: FoundFile) -> IO[bytes]:
        """Return the body of the answer."""
        is_packed_for_the_way = "Content-Encoding" in self._answer.headers
        # Some servers send a packed file as if it had been packed for the way.
        self._answer.raw.decode_content = is_packed_for_the_way and not found.name.lower().endswith(".gz")
        self._answer.raw.auto_close = False  # else the reader around it finds it closed at its end
        stream = io.BufferedReader(self._answer.raw)
        is_page = _PAGE_FOR_PEOPLE.match(stream.peek()) is not None
        if is_page and not found.name.lower().endswith((".html", ".htm")):
            raise FetchError(
                "the server answers with a page for people (HTML), as of a log-in or of maintenance; expected the file."
                " Check address and token"
            )
        return stream

    def again(self, found: FoundFile) -> FoundFile | None:  # noqa: ARG002 - a body is of one file
        """Return none: one answer has one file, whole or cut off."""
        return None


def _name_of(address: str, headers: Mapping[str, str]) -> str:
    """Return the name that a server gives to a file, else that of its address, with an ending that says its form."""
    message = Message()
    message["Content-Disposition"] = headers.get("Content-Disposition", "")
    message["Content-Type"] = headers.get("Content-Type", "")
    given = (message.get_filename() or "").replace("\\", "/").rpartition("/")[2]
    name = given or unquote(urlsplit(address).path.rpartition("/")[2]) or "download"
    return name if "." in name[1:] else name + _ENDINGS.get(message.get_content_type(), "")


def url_session(declared: Files) -> Any:
    """Return what asks for a URL, again where a server is busy; the caller closes it.

    Args:
        declared: what proves who asks.
    """
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    class TokenSession(requests.Session):
        """Keeps the token along redirects of its host, where requests would look into ~/.netrc again."""

        def rebuild_auth(self, prepared_request: Any, response: Any) -> None:
            if self.should_strip_auth(response.request.url, prepared_request.url):
                prepared_request.headers.pop("Authorization", None)

    session = TokenSession() if declared.token else requests.Session()
    retries = Retry(ATTEMPTS, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retries))
    session.headers["Accept-Encoding"] = "identity"
    if declared.token:
        session.headers["Authorization"] = f"Bearer {secret_value(declared.token)}"
        # requests would put a name and password of ~/.netrc in its place if it were given none.
        session.auth = lambda request: request
    return session
