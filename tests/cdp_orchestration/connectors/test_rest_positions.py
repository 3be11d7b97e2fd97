"""The position of a fetch from an API: no wrong clock moves it, and from there no row is left out."""

import json
from datetime import timedelta

import pytest
from api_server import Answered, Asked, StoppedClock
from served_rows import NOW, TWO_PAGES, by_number, lines, page, rest

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError


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
