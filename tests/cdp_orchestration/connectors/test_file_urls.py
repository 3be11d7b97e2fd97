"""A file behind a URL comes into the inbox when it has changed, under a name, and without a secret in an error."""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from fetched_files import files, names, old
from pydantic import ValidationError

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError


class _Url(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_a_file_behind_a_url_comes_again_only_when_it_has_changed(tmp_path, monkeypatch):
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "members.csv").write_text("id\n1\n")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Url, directory=str(tmp_path / "www")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("EXPORT_URL", f"http://127.0.0.1:{server.server_port}/members.csv?signature=s3cr3t-signature")
    declared = files("env:EXPORT_URL")
    try:
        first = connector_of(declared).fetch(None, tmp_path / "inbox")
        second = connector_of(declared).fetch(first.position, tmp_path / "inbox")
        old(tmp_path / "www" / "members.csv")
        third = connector_of(declared).fetch(second.position, tmp_path / "inbox")
        (tmp_path / "www" / "members.csv").unlink()
        with pytest.raises(FetchError, match="404") as raised:
            connector_of(declared).fetch(third.position, tmp_path / "inbox")
    finally:
        server.shutdown()

    assert [len(fetched.files) for fetched in (first, second, third)] == [1, 0, 1]
    assert names(tmp_path / "inbox") == ["members.csv"]
    assert "s3cr3t-signature" not in str(raised.value)


@contextmanager
def answering(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """The address of a server that answers every GET in one way, and has no HEAD."""

    class Handler(http.server.BaseHTTPRequestHandler):
        do_GET = answer  # noqa: N815 - named by the server

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def test_a_server_without_head_names_its_file(tmp_path):
    def answer(request):
        request.send_response(200)
        request.send_header("Content-Disposition", 'attachment; filename="../members of 2026.csv"')
        request.send_header("Content-Length", "5")
        request.end_headers()
        request.wfile.write(b"id\n1\n")

    with answering(answer) as address:
        connector_of(files(f"{address}/export")).fetch(None, tmp_path / "inbox")

    assert names(tmp_path / "inbox") == ["members of 2026.csv"]


def test_a_url_without_an_ending_gets_that_of_its_type_and_an_answer_that_is_cut_off_no_file(tmp_path):
    def answer(request):
        request.send_response(200)
        request.send_header("Content-Type", "text/csv; charset=utf-8")
        request.send_header("Content-Length", "5" if request.path == "/whole" else "500")
        request.end_headers()
        request.wfile.write(b"id\n1\n")

    with answering(answer) as address:
        connector_of(files(f"{address}/whole")).fetch(None, tmp_path / "inbox")
        with pytest.raises(FetchError, match="cannot be read"):
            connector_of(files(f"{address}/cut")).fetch(None, tmp_path / "inbox")

    assert names(tmp_path / "inbox") == ["whole.csv"]


def test_an_error_has_no_signature_of_an_address_that_a_server_leads_to(tmp_path):
    def answer(request):
        request.send_response(302 if request.path == "/export.csv" else 403)
        request.send_header("Location", "/store/export.csv?X-Signature=signed-by-the-store")
        request.end_headers()

    with answering(answer) as address, pytest.raises(FetchError, match="403") as raised:
        connector_of(files(f"{address}/export.csv")).fetch(None, tmp_path / "inbox")

    assert "signed-by-the-store" not in str(raised.value)


def test_a_token_does_not_travel_without_tls():
    with pytest.raises(ValidationError, match="without TLS"):
        files("http://exports.example/members.csv", token="env:TOKEN")


def _answered(status: int, body: bytes, kind: str = "text/csv") -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.end_headers()
        request.wfile.write(body)

    return answer


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (202, b"", "answers 202, without a file"),
        (204, b"", "answers 204, without a file"),
        (304, b"", "answers 304, without a file"),
        (200, b"\n<!DOCTYPE html><p>Log in, ada@example.org", r"a page for people \(HTML\)"),
        (200, b"<HTML lang=en>", r"a page for people \(HTML\)"),
    ],
)
def test_an_answer_that_is_no_file_takes_the_place_of_none(tmp_path, status, body, says):
    (tmp_path / "members.csv").write_text("id\n1\n")
    with (
        answering(_answered(status, body)) as url,
        pytest.raises(FetchError, match=says) as refused,
    ):
        connector_of(files(f"{url}/members.csv")).fetch(None, tmp_path)

    assert (tmp_path / "members.csv").read_text() == "id\n1\n"
    assert names(tmp_path) == ["members.csv"]
    assert "ada@" not in str(refused.value)


def test_a_file_that_is_called_a_page_by_its_server_comes_whole(tmp_path):
    content = b"id,note\n" + b"1,<html>\n" * 50_000
    with answering(_answered(200, content, "text/html")) as url:
        fetched = connector_of(files(f"{url}/members.csv")).fetch(None, tmp_path)

    assert fetched.files[0].read_bytes() == content


def test_a_declared_token_is_sent_though_the_machine_knows_a_password_of_the_host(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("EXPORT_TOKEN", "declared")
    sent: list[str | None] = []

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        sent.append(request.headers.get("Authorization"))
        _answered(200, b"id\n1\n")(request)

    with answering(answer) as url:
        connector_of(files(f"{url}/members.csv", token="env:EXPORT_TOKEN")).fetch(None, tmp_path / "inbox")

    assert sent == ["Bearer declared"]


def test_a_declared_token_stays_along_a_redirect_of_its_host_and_goes_to_no_other(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("EXPORT_TOKEN", "declared")
    sent: list[tuple[str, str | None]] = []

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        sent.append((request.path, request.headers.get("Authorization")))
        leads_to = {"/export": "/same", "/same": f"http://localhost:{request.server.server_port}/other"}
        if location := leads_to.get(request.path):
            request.send_response(302)
            request.send_header("Location", location)
            request.end_headers()
        else:
            _answered(200, b"id\n1\n")(request)

    with answering(answer) as url:
        connector_of(files(f"{url}/export", token="env:EXPORT_TOKEN")).fetch(None, tmp_path / "inbox")

    assert sent == [("/export", "Bearer declared"), ("/same", "Bearer declared"), ("/other", None)]
