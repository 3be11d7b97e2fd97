"""What an API must not be able to do by its answers: hold a fetch for ever, or pass a fault off as an end."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from api_server import Answered, StoppedClock
from served_rows import NOW, TWO_PAGES, lines, page, rest

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError


def test_a_storm_of_429_is_waited_out_as_long_as_the_api_asks(serve, tmp_path):
    until = format_datetime(NOW + timedelta(seconds=90), usegmt=True)
    api = serve(
        Answered(status=429, headers={"Retry-After": "30"}),
        Answered(status=429, headers={"Retry-After": until}),
        Answered(status=429),
        Answered(status=503, headers={"Retry-After": "0"}),
        page(1),
    )
    clock = StoppedClock(NOW)

    assert connector_of(rest(api), clock).fetch(None, tmp_path).row_count == 1
    assert 30 <= clock.waits[0] < 31
    assert 90 <= clock.waits[1] < 91
    assert 0 < clock.waits[2] <= 4
    assert clock.waits[3] == 0


def test_a_wait_that_is_too_long_is_an_error_at_once(serve, tmp_path):
    api = serve(Answered(status=429, headers={"Retry-After": "86400"}))
    clock = StoppedClock(NOW)

    with pytest.raises(FetchError, match="asks to wait 86400 s; expected at most 900 s"):
        connector_of(rest(api), clock).fetch(None, tmp_path)
    assert clock.waits == []


@pytest.mark.parametrize("fault", ["cut", "reset"])
def test_a_page_that_breaks_off_is_asked_for_again(serve, tmp_path, fault):
    broken = Answered(page(1, 2).body, fault=fault)
    api = serve(broken, broken, page(1, 2))

    connector_of(rest(api), StoppedClock(NOW)).fetch(None, tmp_path)

    assert len(lines(tmp_path)) == 2


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"rows": [{"id": 1, "at": "2026-0', "a broken or cut-off answer"),
        (b'{"rows": []} {"rows": []}', "a broken or cut-off answer"),
        (b"\xff\xfe", "a broken or cut-off answer"),
        (b"[" * 100_000, "a broken or cut-off answer"),
        (b"\n <!doctype html><h1>Log in</h1>", "HTML"),
    ],
)
def test_an_answer_that_stays_broken_is_an_error_and_delivers_nothing(serve, tmp_path, body, found):
    api = serve(page(1, next="b"), Answered(body))

    with pytest.raises(FetchError, match=f"{found}.*8 times"):
        connector_of(rest(api, paging=TWO_PAGES), StoppedClock(NOW)).fetch(None, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_body_that_comes_byte_by_byte_does_not_hold_the_fetch_for_ever(serve, tmp_path):
    api = serve(Answered(page(1).body, fault="no_end"), page(1))

    assert connector_of(rest(api, timeout_seconds=0.2), StoppedClock(NOW)).fetch(None, tmp_path).row_count == 1


def test_a_slow_body_has_a_time_for_all_of_it(serve, tmp_path):
    api = serve(Answered(page(1).body, fault="drip"), page(1))
    declared = rest(api, page_seconds=0.2)
    clock = StoppedClock(NOW)
    connector = connector_of(declared, clock)
    object.__setattr__(clock, "monotonic", __import__("time").monotonic)

    assert connector.fetch(None, tmp_path).row_count == 1
    assert len(api.asked) == 2


def test_a_page_larger_than_declared_is_an_error(serve, tmp_path):
    api = serve(Answered(page(*range(10_000)).body, is_gzip=True))

    with pytest.raises(FetchError, match="more than 1000 bytes"):
        connector_of(rest(api, max_page_bytes=1000), StoppedClock(NOW)).fetch(None, tmp_path)


def test_an_answer_without_the_declared_list_is_an_error_that_names_no_value(serve, tmp_path):
    api = serve(Answered({"data": [], "ann@example.org": 1}))

    with pytest.raises(FetchError, match="without a list of rows at 'rows'; found an object with data") as error:
        connector_of(rest(api), StoppedClock(NOW)).fetch(None, tmp_path)
    assert "ann@" not in str(error.value)


@pytest.mark.parametrize(
    ("failed", "found"),
    [
        ({"rows": None, "errors": [{"message": "Ada King"}]}, "lists errors, 3 times"),
        ({"rows": [], "ok": False, "error": "token_expired"}, r"says that it has failed \(token_expired\)"),
        ({"success": False, "rows": []}, "says that it has failed"),
    ],
)
def test_an_answer_of_200_that_says_that_it_has_failed_is_no_end_of_the_list(serve, tmp_path, failed, found):
    api = serve(page(1, next="2"), Answered(failed))

    with pytest.raises(FetchError, match=found) as error:
        connector_of(rest(api, paging=TWO_PAGES, attempts=3), StoppedClock()).fetch(None, tmp_path)

    assert "Ada" not in str(error.value)
    assert lines(tmp_path) == []


def test_rows_of_graphql_that_lack_what_an_error_names_are_asked_for_again(serve, tmp_path):
    lacking = {"errors": [{"path": ["email"]}], "data": {"rows": [{"id": 1, "email": None}]}}
    api = serve(Answered(lacking), Answered({"data": {"rows": [{"id": 1, "email": "ada@example.org"}]}}))

    connector_of(
        rest(api, method="POST", body={"query": "{rows}"}, rows="data.rows", cursor=None), StoppedClock()
    ).fetch(None, tmp_path)

    assert lines(tmp_path) == ['{"id": 1, "email": "ada@example.org"}']


def test_members_called_error_beside_rows_or_without_one_are_no_failure(serve, tmp_path):
    api = serve(page(1, next="b", errors=[{"id": 5}], error="partial"), page(next=None, errors=[], error=None, ok=True))

    assert connector_of(rest(api, paging=TWO_PAGES), StoppedClock()).fetch(None, tmp_path).row_count == 1
