"""Rows that leave a list, or move to its end, while it is read by positions: what follows them moves up by one.

A row that moves up over the border of two pages after the first and before the second is read stands on neither. So
where the next page is named by a number, the page before is read once more after it: what has moved onto it is new
there. Cursors name a row instead of a position, and offsets are read with the last row of the page before.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.rest.answers import value_at
from cdp_orchestration.connectors.rest.calls import Call, Page
from cdp_orchestration.connectors.rest.paging import NextCursor, OnePage, PageNumber, Paging


class MovedError(FetchError):
    """So many rows have moved that the list has to be read again from its start."""


class Borders:
    """The borders of the pages of one walk: at which of them a row may have been passed over."""

    def __init__(self, paging: Paging) -> None:
        """Begin before the first page."""
        self._paging = paging
        self._full = 0
        self._former: Page | None = None

    def doubted(self, page: Page) -> Page | None:
        """Return the page before, if a row between the two may stand on neither.

        Args:
            page: the page that was read after the one given before.

        Returns:
            None where a row of the one before stands on this one as well, where it was not full, so that nothing came
            after it, or where no number names this one.
        """
        former, self._former = self._former, page
        is_full = former is not None and 0 < former.row_count >= self._full
        self._full = max(self._full, page.row_count)
        if former is None or not is_full or not _is_by_position(self._paging, former, page.call):
            return None
        return former if set(former.row_digests).isdisjoint(page.row_digests) else None


def moved_rows(former: Page, again: Page) -> Page | None:
    """Return the rows that were not on a page when it was read, and are now.

    Args:
        former: the page.
        again: the same page, read after the one that follows it.

    Returns:
        None where its last row is the same, so that nothing has moved over its end.

    Raises:
        MovedError: nothing of it is left, so that more may have moved than stands on it now.
    """
    seen, digests = set(former.row_digests), again.row_digests
    if digests[-1:] == former.row_digests[-1:]:
        return None
    if seen.isdisjoint(digests):
        raise MovedError(
            f"The rows of {former.call.address} have moved by a page or more while they were read; expected a list "
            "that keeps its order. Let the API sort by an id, or declare another paging."
        )
    new = [index for index, digest in enumerate(digests) if digest not in seen]
    answer = again.answer
    rows, kept = [answer.rows[index] for index in new], [answer.kept[index] for index in new]
    return replace(again, answer=replace(answer, rows=rows, kept=kept))


def _is_by_position(paging: Paging, page: Page, following: Call) -> bool:
    """Return whether the number of a page, or of the rows before it, leads from a page to the next."""
    if isinstance(paging, OnePage) or (isinstance(paging, NextCursor) and paging.is_kept):
        return False
    if isinstance(paging, PageNumber | NextCursor):
        name = ".".join(paging.param)
        before, after = ({name: _sent(call, paging)} for call in (page.call, following))
    else:
        before, after = _query(page.call), _query(following)
    return any(_is_next(before.get(name), value, page.row_count) for name, value in after.items())


def _sent(call: Call, paging: PageNumber | NextCursor) -> Any:
    return call.params.get(".".join(paging.param)) if paging.place == "query" else value_at(call.body, paging.param)


def _query(call: Call) -> dict[str, Any]:
    return dict(parse_qsl(urlsplit(call.url).query)) | call.params


def _is_next(before: Any, after: Any, row_count: int) -> bool:
    """Return whether a value is the number after another one: of a page, of the first row, or of either at first."""
    if not str(after).isdecimal() or not str(before or 0).isdecimal():
        return False
    steps = (1, row_count) if before is not None else (1, 2, row_count)
    return int(str(after)) - int(str(before or 0)) in steps
