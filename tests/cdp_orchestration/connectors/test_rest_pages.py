"""The walk through the pages of an API ends where the list does: not before, and not never."""

import pytest
from api_server import Answered, StoppedClock
from served_rows import NOW, TWO_PAGES, by_number, lines, page, rest

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError


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


def test_a_list_by_cursors_is_read_once(serve, tmp_path):
    answers = [page(*range(10)), page(*range(10, 20)), page(20)]
    for number, answer in enumerate(answers[:-1]):
        answer.body["next"] = f"k{number}"
    api = serve(*answers)

    connector_of(rest(api, paging=TWO_PAGES), StoppedClock(NOW)).fetch(None, tmp_path)

    assert len(api.asked) == 3


@pytest.mark.parametrize(
    "link",
    [
        '<{url}/rows?after=2>; rel="next last"',
        '<{url}/rows;v=1?after=2>; rel="next"',
        "</rows?after=2>; REL=Next",
        "</rows?after=2>; rel='next'",
        '<{url}/rows?after=2>; title="all, <b>; rel=prev"; rel="next"',
        '<{url}/rows?after=1,0>; rel="prev", <{url}/rows?after=2>; rel="next"',
    ],
)
def test_a_next_page_is_found_however_its_link_is_written(serve, tmp_path, link):
    def answer(asked):
        if asked.params.get("after") == "2":
            return page(2)
        return Answered(page(1).body, headers={"Link": link.replace("{url}", api.url)})

    api = serve(answer)

    connector_of(rest(api, paging={"kind": "link_header"}), StoppedClock(NOW)).fetch(None, tmp_path)

    assert len(lines(tmp_path)) == 2


def test_a_link_to_another_page_than_the_next_is_the_end(serve, tmp_path):
    api = serve(Answered(page(1).body, headers={"Link": '</rows>; title="; rel=next"; rel="first"'}))

    connector_of(rest(api, paging={"kind": "link_header"}), StoppedClock(NOW)).fetch(None, tmp_path)

    assert len(lines(tmp_path)) == 1
