"""The walk through the pages of an API: which call follows a page, by the declared paging."""

from typing import Any, Protocol

from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.rest.answers import JsonPath
from cdp_orchestration.connectors.rest.calls import Call, Page, joined
from cdp_orchestration.connectors.rest.paging import BodyLink, LinkHeader, NextCursor, Offset, PageNumber, Paging

_MAX_STEPS_BACK = 100


class Pager(Protocol):
    """Finds the next call of one walk through the pages."""

    def first(self, call: Call) -> Call:
        """Return the first call."""
        ...

    def following(self, page: Page) -> Call | None:
        """Return the call after a page; None after the last one."""
        ...


def pager_of(paging: Paging) -> Pager:
    """Return a new walk through the pages."""
    if isinstance(paging, PageNumber):
        return _PageNumbers(paging)
    if isinstance(paging, Offset):
        return _Offsets(paging)
    if isinstance(paging, NextCursor):
        return _Cursors(paging)
    if isinstance(paging, BodyLink | LinkHeader):
        return _Links(paging if isinstance(paging, BodyLink) else None)
    return _OnePage()


class _OnePage:
    def first(self, call: Call) -> Call:
        return call

    def following(self, page: Page) -> Call | None:  # noqa: ARG002 - the walk ends whatever the page has
        return None


class _PageNumbers:
    def __init__(self, paging: PageNumber) -> None:
        self._paging, self._number = paging, paging.first

    def first(self, call: Call) -> Call:
        return call.with_value(self._paging.param, str(self._number), self._paging.place)

    def following(self, page: Page) -> Call | None:
        last = page.at(self._paging.last_page) if self._paging.last_page else None
        pages = int(last) if last is not None and str(last).isdecimal() else None
        is_last = page.row_count == 0 if pages is None else self._number >= pages - 1 + self._paging.first
        if is_last:
            return None
        self._number += 1
        return self.first(page.call)


class _Offsets:
    def __init__(self, paging: Offset) -> None:
        self._paging, self._offset, self._steps_back = paging, 0, 0
        self._has_stepped_back = False
        self._seen: frozenset[bytes] = frozenset()  # the rows of the page before, where this one repeats one of them

    def first(self, call: Call) -> Call:
        return call.with_value(self._paging.param, str(self._offset), self._paging.place)

    def following(self, page: Page) -> Call | None:
        digests = page.row_digests
        if self._offset and len(self._seen) > 1 and self._seen.isdisjoint(digests):
            self._step_back(page.call.address)
            self._has_stepped_back = True
            return self.first(page.call)
        has_new = self._has_stepped_back or not self._seen.issuperset(digests)
        if not digests or not has_new:
            return None
        self._has_stepped_back = False
        self._offset += max(len(digests) - 1, 1)
        self._seen = frozenset(digests)
        return self.first(page.call)

    def _step_back(self, address: str) -> None:
        self._steps_back += 1
        if self._steps_back > _MAX_STEPS_BACK:
            raise FetchError(
                f"The rows of {address} shifted {_MAX_STEPS_BACK} times while they were read; expected a list that "
                "keeps its order. Let the API sort by an id, or declare another paging."
            )
        self._offset = max(self._offset - len(self._seen), 0)


class _Cursors:
    def __init__(self, paging: NextCursor) -> None:
        self._paging, self._made = paging, _Made()

    def first(self, call: Call) -> Call:
        return call

    def following(self, page: Page) -> Call | None:
        if self._paging.more and not self._paging.more.has_more(page):
            return None
        cursor = self._paging.cursor_of(page)
        if cursor is None:
            if self._paging.more:
                raise _no_way_on(page, self._paging.path)
            return None
        return self._made.once(self._paging.call_with(page.call, cursor), page)


class _Links:
    def __init__(self, paging: BodyLink | None) -> None:
        self._paging, self._made = paging, _Made()

    def first(self, call: Call) -> Call:
        return call

    def following(self, page: Page) -> Call | None:
        if self._paging is None:
            return self._linked(page, page.next_link)
        if self._paging.more and not self._paging.more.has_more(page):
            return None
        link = page.at(self._paging.path)
        if self._paging.more and not link:
            raise _no_way_on(page, self._paging.path)
        return self._linked(page, link)

    def _linked(self, page: Page, link: Any) -> Call | None:
        if not isinstance(link, str) or not link:
            return None
        return self._made.once(Call(joined(page.call.url, link)), page)


class _Made:
    """The calls of one walk, so that an answer that leads back does not lead in a circle."""

    def __init__(self) -> None:
        self._digests: set[bytes] = set()

    def once(self, call: Call, page: Page) -> Call:
        self._digests.add(page.call.digest)
        if call.digest in self._digests:
            raise FetchError(
                f"The answer of {page.call.address} leads to a page that was read already; expected one that follows. "
                "Check the declared paging; if it is right, the API is at fault."
            )
        return call


def _no_way_on(page: Page, path: JsonPath) -> FetchError:
    return FetchError(
        f"The answer of {page.call.address} says that there is more, and has no {'.'.join(path)}; expected where the "
        "next page is. Check the declared paging."
    )
