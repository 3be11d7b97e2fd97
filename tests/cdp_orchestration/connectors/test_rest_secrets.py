"""The secrets of an API reach no other host, and no file, error or log."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from api_server import Answered, Asked, StoppedClock
from pydantic import ValidationError
from served_rows import NOW, SECRET, TWO_PAGES, page, rest

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.rest.declaration import Rest

AUTHS: dict[str, dict[str, Any]] = {
    "bearer": {"kind": "bearer", "token": "env:KEY"},
    "basic": {"kind": "basic", "username": "env:KEY", "password": "env:KEY"},
    "header": {"kind": "api_key", "name": "X-Key", "value": "env:KEY"},
    "query": {"kind": "api_key", "name": "api_key", "value": "env:KEY", "place": "query"},
}


@pytest.mark.parametrize("auth", AUTHS)
def test_another_host_gets_no_credentials(serve, tmp_path, monkeypatch, auth):
    monkeypatch.setenv("KEY", SECRET)
    other = serve(page(1))
    elsewhere = other.url.replace("127.0.0.1", "localhost")
    api = serve(Answered(status=302, headers={"Location": f"{elsewhere}/signed?sig=1"}))

    connector_of(rest(api, auth=AUTHS[auth], headers={"X-Other": "1"}), StoppedClock(NOW)).fetch(None, tmp_path)

    assert "x-other" in api.asked[0].headers
    assert {"authorization", "x-key", "x-other"}.isdisjoint(other.asked[0].headers)
    assert other.asked[0].params == {"sig": "1"}


def test_a_next_page_at_another_host_is_an_error(serve, tmp_path):
    other = serve(page(2))
    api = serve(page(1, next=f"{other.url}/rows?token=1"))

    with pytest.raises(FetchError, match="leads to another host") as error:
        connector_of(rest(api, paging={"kind": "body_link", "path": "next"}), StoppedClock(NOW)).fetch(None, tmp_path)
    assert other.asked == []
    assert "token" not in str(error.value)


@pytest.mark.parametrize("auth", AUTHS)
@pytest.mark.parametrize("status", [200, 401, 500, 0])
def test_no_secret_is_in_files_errors_or_logs(serve, tmp_path, monkeypatch, caplog, auth, status):
    monkeypatch.setenv("KEY", SECRET)
    caplog.set_level(logging.DEBUG)

    def answer(asked: Asked) -> Answered:
        echo = {"error": SECRET, "asked": [asked.params, asked.headers], "errorCode": "NO_SUCH_THING"}
        body = {"rows": [{"id": 1, "at": "2026-03-01T10:00:00Z"}]} if status == 200 else echo
        return Answered(body, status=status or 200, fault=None if status else "reset")

    connector = connector_of(rest(serve(answer), auth=AUTHS[auth], attempts=2), StoppedClock(NOW))
    said = ""
    try:
        said = repr(connector.fetch(None, tmp_path))
    except FetchError as error:
        chain: BaseException | None = error
        while chain is not None:
            said += repr(chain) + str(chain)
            chain = chain.__cause__ or chain.__context__
        assert ("NO_SUCH_THING" in said) == (status == 401)
    else:
        assert status == 200

    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert caplog.text or status == 0
    assert SECRET not in said + repr(connector) + caplog.text
    assert SECRET.encode() not in written


def test_a_token_is_renewed_before_it_expires_and_a_refused_client_is_named_without_its_secret(
    serve, tmp_path, monkeypatch
):
    monkeypatch.setenv("KEY", SECRET)
    clock = StoppedClock(NOW)
    issued: list[int] = []

    def answer(asked: Asked) -> Answered:
        if asked.path == "/token":
            issued.append(1)
            return Answered({"access_token": f"t{len(issued)}", "expires_in": 600})
        clock.at += timedelta(seconds=400)
        return page(len(api.asked), next=str(len(api.asked)) if len(api.asked) < 6 else None)

    api = serve(answer)
    auth = {
        "kind": "oauth2_client_credentials",
        "token_url": f"{api.url}/token",
        "client_id": "env:KEY",
        "client_secret": "env:KEY",
        "sent_in": "header",
    }
    connector_of(rest(api, auth=auth, paging=TWO_PAGES), clock).fetch(None, tmp_path)
    assert len(issued) >= 2
    assert SECRET.encode() not in b"".join(asked.body for asked in api.asked)

    api.answer = lambda asked: Answered({"error": "invalid_client", "error_description": SECRET}, status=400)
    with pytest.raises(FetchError, match=r"/token answers 400 Bad Request \(invalid_client\)") as error:
        connector_of(rest(api, auth=auth, paging=TWO_PAGES), clock).fetch(None, tmp_path)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"base_url": f"https://me:{SECRET}@api.example"}, "should match pattern"),
        ({"params": {"api_key": SECRET}}, "api_key looks like a secret"),
        ({"headers": {"Authorization": SECRET}}, "Authorization looks like a secret"),
        ({"auth": {"kind": "bearer", "token": SECRET}}, "a secret stands in a declaration"),
        ({"base_url": "http://api.example", "auth": AUTHS["bearer"]}, "without TLS"),
        ({"body": {"q": "{since}"}, "method": "POST"}, "needs cursor.first"),
        ({"body": {"q": 1}}, "needs method: POST"),
        ({"is_snapshot": True}, "a snapshot has all rows"),
        ({"paging": {"kind": "cursor", "path": "id", "param": "after", "found_in": "last_row"}}, "needs paging.more"),
    ],
)
def test_a_declaration_that_cannot_be_right_is_refused_without_its_secret(changes, message):
    usual = {"kind": "rest", "base_url": "https://api.example", "path": "rows", "cursor": {"field": "at"}}

    with pytest.raises(ValidationError, match=message) as error:
        Rest.model_validate(usual | changes)
    assert SECRET not in str(error.value)
