"""What an API must not be able to do: lose rows, loop, move the position by a wrong clock, or get a secret out."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from api_server import Answered, Api, Asked, StoppedClock
from pydantic import ValidationError

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.rest.declaration import Rest

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "s3cr3t-value-of-the-key"
TWO_PAGES = {"kind": "cursor", "path": "next", "param": "cursor"}


@pytest.fixture
def serve() -> Iterator[Callable[..., Api]]:
    started: list[Api] = []

    def start(*answers: Answered | Callable[[Asked], Answered]) -> Api:
        """Answer in turn; the last one stays."""
        left = list(answers)

        def answer(asked: Asked) -> Answered:
            each = left.pop(0) if len(left) > 1 else left[0]
            return each(asked) if callable(each) else each

        api = Api(answer)
        api.now = NOW
        api.__enter__()
        started.append(api)
        return api

    yield start
    for api in started:
        api.__exit__()


def rest(api: Api, **changes: Any) -> Rest:
    usual = {"kind": "rest", "base_url": api.url, "path": "rows", "rows": "rows", "cursor": {"field": "at"}}
    return Rest.model_validate(usual | changes)


def lines(folder: Path) -> list[str]:
    return [line for path in sorted(folder.iterdir()) for line in path.read_text(encoding="utf-8").splitlines()]


def page(*ids: int, **around: Any) -> Answered:
    return Answered({"rows": [{"id": each, "at": "2026-03-01T10:00:00Z"} for each in ids], **around})


def by_number(*pages: Answered) -> Callable[[Asked], Answered]:
    return lambda asked: pages[min(int(asked.params.get("page", 1)), len(pages)) - 1]


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


@pytest.mark.parametrize(
    "paging",
    [{"kind": "page_number"}, {"kind": "offset"}, {"kind": "cursor", "path": "next", "param": "cursor"}],
    ids=lambda paging: paging["kind"],
)
def test_an_api_that_repeats_a_page_is_an_error_not_a_loop(serve, tmp_path, paging):
    api = serve(page(1, 2, next="b"))

    with pytest.raises(FetchError, match="same page twice"):
        connector_of(rest(api, paging=paging), StoppedClock(NOW)).fetch(None, tmp_path)


@pytest.mark.parametrize("status", [400, 404])
def test_a_declared_status_after_the_last_page_ends_the_list(serve, tmp_path, status):
    api = serve(by_number(page(1, 2), page(3), Answered(status=status)))
    paging = {"kind": "page_number", "after_last": status}

    connector_of(rest(api, paging=paging), StoppedClock(NOW)).fetch(None, tmp_path)

    assert len(lines(tmp_path)) == 3


@pytest.mark.parametrize(("after_last", "pages"), [(None, 2), (400, 2), (404, 0)])
def test_any_other_status_of_a_page_is_no_end(serve, tmp_path, after_last, pages):
    paging = {"kind": "page_number", "after_last": after_last}
    api = serve(*(page(number) for number in range(pages)), Answered(status=404))

    with pytest.raises(FetchError, match="404"):
        connector_of(rest(api, paging=paging), StoppedClock(NOW)).fetch(None, tmp_path)


def test_links_that_lead_in_a_circle_are_an_error(serve, tmp_path):
    api = serve(page(1, next="b"), page(2, next="c"), page(3, next="b"), page(4))

    with pytest.raises(FetchError, match="read already"):
        connector_of(rest(api, paging=TWO_PAGES), StoppedClock(NOW)).fetch(None, tmp_path)


def test_an_empty_page_with_a_next_one_is_not_the_end(serve, tmp_path):
    api = serve(page(next="b"), page(next="c"), page(7))

    connector_of(rest(api, paging=TWO_PAGES), StoppedClock(NOW)).fetch(None, tmp_path)

    assert len(lines(tmp_path)) == 1


@pytest.mark.parametrize("status", [400, 410])
def test_an_expired_cursor_starts_again_and_is_an_error_when_that_does_not_help(serve, tmp_path, status):
    expired = Answered(status=status)
    api = serve(page(1, next="b"), expired, page(1, next="c"), page(2))
    connector = connector_of(rest(api, paging=TWO_PAGES), StoppedClock(NOW))

    assert connector.fetch(None, tmp_path / "once").row_count == 2
    api.answer = lambda asked: expired if "cursor" in asked.params else page(1, next="b")
    with pytest.raises(FetchError, match=str(status)):
        connector.fetch(None, tmp_path / "always")


def test_a_time_to_come_does_not_move_the_position_beyond_the_clock_of_the_api(serve, tmp_path):
    row = {"id": 1, "at": "2031-01-01T00:00:00Z"}
    api = serve(Answered({"rows": [row, {"id": 2, "at": "2026-03-01T09:00:00Z"}]}))
    api.now = NOW - timedelta(hours=1)

    fetched = connector_of(rest(api), StoppedClock(NOW)).fetch(None, tmp_path)

    assert fetched.position is not None
    assert fetched.position["cursor"] == "2026-03-01T11:00:00+00:00"
    assert fetched.row_count == 2, "the row itself is delivered"


def test_a_fetch_asks_from_its_position_less_the_overlap(serve, tmp_path):
    api = serve(page(1))
    declared = rest(api, params={"changed_after": "{since}", "all": True}, cursor={"field": "at", "overlap": 60})
    connector = connector_of(declared, StoppedClock(NOW))

    first = connector.fetch(None, tmp_path)
    connector.fetch(first.position, tmp_path)

    assert [asked.params for asked in api.asked] == [
        {"all": "true"},
        {"all": "true", "changed_after": "2026-03-01T09:59:00Z"},
    ]


def test_a_row_without_the_cursor_is_delivered_and_a_cursor_that_no_row_has_is_an_error(serve, tmp_path):
    some = Answered({"rows": [{"id": 1}, {"id": 2, "at": "2026-03-01T09:00:00Z"}]})

    assert connector_of(rest(serve(some)), StoppedClock(NOW)).fetch(None, tmp_path).row_count == 2
    with pytest.raises(FetchError, match=r"No row .* has a timestamp at 'changed_at'"):
        connector_of(rest(serve(some), cursor={"field": "changed_at"}), StoppedClock(NOW)).fetch(None, tmp_path / "b")
    assert not list((tmp_path / "b").iterdir())


def test_rows_are_written_as_the_api_gave_them(serve, tmp_path):
    row = '{"id": 90071992547409931234, "price": 1.10, "a": 1, "a": 2,\r\n'
    row += ' "name": "Zoë \\u00e9", "at": "2026-03-01T10:00:00Z"}'
    body = ('{"count": 1, "rows": [' + row + ', {"id":\t2}]}').encode()

    connector_of(rest(serve(Answered(body, is_gzip=True))), StoppedClock(NOW)).fetch(None, tmp_path)

    assert lines(tmp_path) == [row.replace("\r\n", "  "), '{"id":\t2}']


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


def test_files_are_of_bounded_size_and_sort_after_those_of_an_earlier_fetch(serve, tmp_path):
    connector = connector_of(rest(serve(page(*range(100)))), StoppedClock(NOW))
    object.__setattr__(connector, "max_file_bytes", 1000)

    first = connector.fetch(None, tmp_path)
    (tmp_path / "20260101T000000.000000Z-00001.jsonl.tmp").write_bytes(b"of a killed fetch")
    connector.clock.at -= timedelta(days=1)
    second = connector.fetch(first.position, tmp_path)

    assert len(first.files) > 3
    assert all(path.stat().st_size < 1100 for path in first.files)
    assert sorted(tmp_path.iterdir()) == [*first.files, *second.files]


def test_rows_that_shift_while_offsets_are_read_are_not_passed_over(serve, tmp_path):
    left = list(range(30))

    def answer(asked: Asked) -> Answered:
        first = int(asked.params["offset"])
        shown = page(*left[first : first + 10])
        if first == 9:
            del left[:5]  # what was on the pages before is gone: everything after moves up
        return shown

    api = serve(answer)
    connector = connector_of(rest(api, paging={"kind": "offset"}), StoppedClock(NOW))
    connector.fetch(None, tmp_path)

    assert {json.loads(line)["id"] for line in lines(tmp_path)} == set(range(30))


def _by_number(left: list[int], leave: Callable[[int], None], how: str) -> Callable[[Asked], Answered]:
    """Answer pages of ten rows by number; ``leave`` changes the list once a page was given."""

    def answer(asked: Asked) -> Answered:
        number = int(asked.params.get("page", 1))
        shown = left[10 * number - 10 : 10 * number]
        pages = -(-len(left) // 10)
        leave(number)
        if how == "link_header" and number < pages:
            port = asked.headers["host"]
            return Answered(page(*shown).body, headers={"Link": f'<http://{port}/rows?page={number + 1}>; rel="next"'})
        if how == "after_last" and number > 1 and not shown:
            return Answered(status=404)
        return page(*shown, pages=pages)

    return answer


@pytest.mark.parametrize(
    ("how", "paging"),
    [
        ("page_number", {"kind": "page_number"}),
        ("last_page", {"kind": "page_number", "last_page": "pages"}),
        ("after_last", {"kind": "page_number", "after_last": 404}),
        ("link_header", {"kind": "link_header"}),
    ],
)
@pytest.mark.parametrize("gone", [[0], [3, 7, 9], [9], list(range(9))])
def test_rows_that_move_up_because_others_leave_are_not_passed_over(serve, tmp_path, how, paging, gone):
    left = list(range(31))
    expected = set(left) - set(gone)

    def leave(number: int) -> None:
        if number == 1:
            left[:] = [row for row in left if row not in gone]

    connector = connector_of(rest(serve(_by_number(left, leave, how)), paging=paging), StoppedClock(NOW))
    connector.fetch(None, tmp_path)

    assert expected <= {json.loads(line)["id"] for line in lines(tmp_path)}


def test_a_row_that_moves_to_the_end_when_it_changes_hides_no_other(serve, tmp_path):
    left = list(range(25))

    def move(number: int) -> None:
        if number == 2 and left[0] == 0:
            left.append(left.pop(0))

    api = serve(_by_number(left, move, "page_number"))
    connector_of(rest(api, paging={"kind": "page_number"}), StoppedClock(NOW)).fetch(None, tmp_path)

    assert {json.loads(line)["id"] for line in lines(tmp_path)} == set(range(25))


def test_rows_that_leave_the_only_page_are_not_the_end_of_the_list(serve, tmp_path):
    left = list(range(11))

    def leave(number: int) -> None:
        if number == 1 and 0 in left:
            left.remove(0)

    api = serve(_by_number(left, leave, "page_number"))
    connector_of(rest(api, paging={"kind": "page_number"}), StoppedClock(NOW)).fetch(None, tmp_path)

    assert 10 in {json.loads(line)["id"] for line in lines(tmp_path)}


def test_a_list_that_loses_a_page_while_it_is_read_is_read_from_its_start(serve, tmp_path):
    left = list(range(40))

    def leave(number: int) -> None:
        if number == 2 and 0 in left:
            del left[:20]

    api = serve(_by_number(left, leave, "page_number"))
    connector_of(rest(api, paging={"kind": "page_number"}), StoppedClock(NOW)).fetch(None, tmp_path)

    assert set(range(20, 40)) <= {json.loads(line)["id"] for line in lines(tmp_path)}


def test_a_list_that_never_stands_still_says_so_and_moves_no_position(serve, tmp_path):
    left = list(range(1000))

    def leave(number: int) -> None:
        del left[:20]

    api = serve(_by_number(left, leave, "page_number"))
    connector = connector_of(rest(api, paging={"kind": "page_number"}), StoppedClock(NOW))

    with pytest.raises(FetchError, match=r"have moved by a page or more .* sort by an id") as error:
        connector.fetch(None, tmp_path)

    assert error.value.reached is None
    assert list(tmp_path.iterdir()) == []


def test_a_list_by_cursors_is_read_once(serve, tmp_path):
    answers = [page(*range(10)), page(*range(10, 20)), page(20)]
    for number, answer in enumerate(answers[:-1]):
        answer.body["next"] = f"k{number}"
    api = serve(*answers)

    connector_of(rest(api, paging=TWO_PAGES), StoppedClock(NOW)).fetch(None, tmp_path)

    assert len(api.asked) == 3


def test_a_snapshot_is_there_as_one_or_not_at_all(serve, tmp_path):
    usual = {"paging": {"kind": "page_number"}, "cursor": None, "is_snapshot": True, "attempts": 1}
    connector = connector_of(rest(serve(page(*range(50)), Answered(status=500)), **usual), StoppedClock(NOW))
    object.__setattr__(connector, "max_file_bytes", 100)
    with pytest.raises(FetchError, match="500 Internal Server Error"):
        connector.fetch(None, tmp_path)
    assert list(tmp_path.iterdir()) == []

    connector = connector_of(rest(serve(by_number(page(*range(50)), page())), **usual), StoppedClock(NOW))

    assert connector.fetch(None, tmp_path).row_count
    assert len(lines(tmp_path)) == 50


def test_a_fetch_in_order_that_fails_says_from_where_to_go_on(serve, tmp_path):
    later = {"id": 2, "at": "2026-03-01T11:00:00Z"}
    api = serve(Answered({"rows": [page(1).body["rows"][0], later], "next": "b"}), Answered(status=500))
    cursor = {"field": "at", "is_sorted": True}

    with pytest.raises(FetchError) as error:
        connector_of(rest(api, paging=TWO_PAGES, cursor=cursor, attempts=2), StoppedClock(NOW)).fetch(None, tmp_path)

    reached = error.value.reached
    assert reached is not None
    assert reached.position is not None
    assert (reached.row_count, reached.position["cursor"]) == (2, "2026-03-01T10:00:00+00:00")
    assert len(lines(tmp_path)) == 2


@pytest.mark.parametrize("is_exclusive", [True, False])
def test_rows_of_one_cursor_over_a_page_border_all_come_though_a_fetch_ends_there(serve, tmp_path, is_exclusive):
    rows = [{"id": number, "at": at} for number, at in enumerate([1, 2, 2, 2, 3])]
    broken = [True]

    def answer(asked: Asked) -> Answered:
        since, first = int(asked.params.get("since", -1)), int(asked.params.get("offset", 0))
        found = [row for row in rows if row["at"] > since or (row["at"] == since and not is_exclusive)]
        if first and broken:
            return Answered(status=403)
        return Answered({"rows": found[first : first + 2]})

    cursor = {"field": "at", "form": "integer", "is_sorted": True}
    connector = connector_of(rest(serve(answer), paging={"kind": "offset"}, cursor=cursor, params={"since": "{since}"}))
    with pytest.raises(FetchError) as error:
        connector.fetch(None, tmp_path)
    broken.clear()
    connector.fetch(error.value.reached.position, tmp_path)

    assert {json.loads(line)["id"] for line in lines(tmp_path)} == {0, 1, 2, 3, 4}


def test_a_sample_has_the_first_rows_and_leaves_nothing(serve, tmp_path):
    api = serve(page(1, 2, next="b"), page(3, 4, next="c"))

    sample = connector_of(rest(api, paging=TWO_PAGES), StoppedClock(NOW)).sample(3)

    assert [json.loads(row)["id"] for row in sample] == [1, 2, 3]
    assert len(api.asked) == 2


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
