"""The audit of the pinned packages is skipped, with the reason, where no database of advisories can be reached."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from cdp_orchestration.home.settings import PROJECT_ROOT


class _Refusing(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_error(403)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def refusing() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Refusing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _audit(database: str) -> "subprocess.CompletedProcess[str]":
    variables = {"ADVISORIES_URL": database, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "GITHUB_ACTIONS": ""}
    return subprocess.run(
        [sys.executable, ".ci/audit.py"],
        cwd=PROJECT_ROOT, env=os.environ | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_without_a_database_the_audit_is_skipped_and_says_why(refusing: str) -> None:
    for database, reason in ((refusing, "it answers 403"), ("http://127.0.0.1:1", "ConnectionError")):
        ended = _audit(database)
        found = f"Audit skipped: no database of advisories can be reached ({database}: {reason})\n"
        assert (ended.returncode, ended.stdout) == (0, found), ended.stderr
