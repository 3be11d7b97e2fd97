"""Rows that leave a list or move while it is read page by page hide no other."""

import json
from collections.abc import Callable

import pytest
from api_server import Answered, Asked, StoppedClock
from served_rows import NOW, lines, page, rest

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError


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
