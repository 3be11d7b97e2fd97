"""The four silos behind a REST API: a server on loopback in this process, a path for each stream, JSON page by page."""

from __future__ import annotations

import json
import secrets
import threading
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cdp_orchestration.demo.delivered_rows import json_rows_of

TOKEN_VARIABLE = "CDP_DEMO_API_TOKEN"  # noqa: S105 - the name of a variable
PAGE_ROWS = 500


@dataclass
class _Rows:
    """The rows of a stream: a file of JSON Lines, and where each of its lines ends."""

    path: Path
    ends: array[int] = field(default_factory=lambda: array("Q", [0]))

    @property
    def count(self) -> int:
        return len(self.ends) - 1

    def between(self, first: int, last: int) -> list[bytes]:
        if first >= last:
            return []
        with self.path.open("rb") as file:
            file.seek(self.ends[first])
            return file.read(self.ends[last] - self.ends[first]).splitlines()


class ApiSilos:
    """Serves what was delivered, in the order of delivery.

    ``GET /<source>/<name>?after=500`` answers ``{"rows": […], "next": "1000", "has_more": true}``: at most
    ``PAGE_ROWS`` rows after so many. The last page has a cursor as well, from which rows that come later are asked for.
    """

    def __init__(self, folder: Path, streams: Iterable[str]) -> None:
        """Take the streams and the folder in which their rows are kept; nothing is served before the block begins."""
        self._streams = {stream: _Rows(folder / f"{stream.replace('/', '.')}.jsonl") for stream in streams}
        self.token = secrets.token_urlsafe(16)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ApiSilos:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, stream: str, path: Path) -> None:
        """Append the rows of a delivered file to its stream, ``<source>/<name>``."""
        rows = self._streams[stream]
        end, ends = rows.ends[-1], array("Q")
        with rows.path.open("ab") as file:
            for row in json_rows_of(path):
                end += file.write(row + b"\n")
                ends.append(end)
        rows.ends.extend(ends)  # once they are written: a request may come at any time

    def page(self, stream: str, after: int) -> bytes | None:
        """Return a page of a stream; None where there is no such stream."""
        rows = self._streams.get(stream)
        if rows is None:
            return None
        count = rows.count
        first = min(after, count)
        last = min(first + PAGE_ROWS, count)
        around = json.dumps({"next": str(last), "has_more": last < count})[1:]
        return b'{"rows": [' + b",\n".join(rows.between(first, last)) + b"], " + around.encode()


def _handler_of(silos: ApiSilos) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            after = parse_qs(parts.query).get("after", ["0"])[0]
            if self.headers.get("Authorization") != f"Bearer {silos.token}":
                self._answer(401, b'{"error": "expected the header Authorization: Bearer <token>"}')
            elif not after.isdecimal():
                self._answer(400, b'{"error": "expected a number after which rows are wanted"}')
            else:
                page = silos.page(parts.path.strip("/"), int(after))
                self._answer(200 if page else 404, page or b'{"error": "no such stream"}')

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing: the terminal belongs to the progress of the sync."""

    return Handler
