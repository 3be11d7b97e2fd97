"""Fetch the rows of an API that are newer than a position, page by page, into files of the inbox."""

import hashlib
import itertools
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdp_orchestration.connectors.fetching import Fetched, FetchError, Position
from cdp_orchestration.connectors.rest.answers import Answer, read_answer, value_at
from cdp_orchestration.connectors.rest.bodies import error_code
from cdp_orchestration.connectors.rest.calls import Call, Page, filled
from cdp_orchestration.connectors.rest.client import Client, Limits, Reply
from cdp_orchestration.connectors.rest.cursor import SAFE_TEXT
from cdp_orchestration.connectors.rest.declaration import Rest
from cdp_orchestration.connectors.rest.faults import AnswerError, refuse_failure
from cdp_orchestration.connectors.rest.pagers import pager_of
from cdp_orchestration.connectors.rest.paging import NextCursor, PageNumber
from cdp_orchestration.connectors.rest.progress import Kept, Progress, Start
from cdp_orchestration.connectors.rest.shifts import Borders, MovedError, moved_rows
from cdp_orchestration.connectors.row_files import MAX_FILE_BYTES, RowFiles, stamp_after
from cdp_orchestration.connectors.waits import Clock

# What APIs answer to a cursor, link or page that is too old to be continued.
_EXPIRED = frozenset({400, 404, 409, 410, 422})
_MAX_STARTS = 3
_PLAIN_NAME = re.compile(r"[A-Za-z_]{1,40}")
_MAX_EMPTY_PAGES = 1000


class _ExpiredError(Exception):
    """A page cannot be reached any more from the one before, or rows have moved between the two."""

    def __init__(self, answer: AnswerError | MovedError) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True)
class RestConnector:
    """Fetches one stream from an API, as declared."""

    declared: Rest
    clock: Clock
    max_file_bytes: int = MAX_FILE_BYTES

    def fetch(self, position: Position | None, folder: Path) -> Fetched:
        """Write the rows since a position into a folder.

        The new position is the newest cursor that was seen, but not later than the beginning of the fetch: rows that
        change while others are read are read the next time.

        Args:
            position: that of the last fetch.
            folder: the stream's folder of the inbox.

        Returns:
            The files and the new position.

        Raises:
            FetchError: nothing is delivered, unless the next fetch can go on from where this one was; then the error's
                ``reached`` has files and position.
        """
        progress = Progress.after(position, self.declared, self.clock.now())
        stamp = stamp_after(self.clock.now(), (position or {}).get("stamp"))
        files = RowFiles(folder, stamp, at_once=not progress.can_continue, max_bytes=self.max_file_bytes)
        with files, closing(self.client()) as client:
            try:
                self._write(client, progress, files)
            except FetchError as error:
                if progress.can_continue and files.row_count:
                    files.publish()
                    error.reached = self._fetched(files, progress, stamp, position)
                raise
            files.publish()
        progress.is_complete = True
        return self._fetched(files, progress, stamp, position)

    def sample(self, count: int) -> list[str]:
        """Return the first rows, each as its JSON text, without writing anything.

        Args:
            count: how many at most.
        """
        progress = Progress.after(None, self.declared, self.clock.now())
        with closing(self.client()) as client:
            pages = self._pages(client, progress.start, progress)
            try:
                return list(itertools.islice((row for page in pages for row in page.answer.rows), count))
            except _ExpiredError as expired:
                raise expired.answer from None

    def _write(self, client: Client, progress: Progress, files: RowFiles) -> None:
        for starts in range(1, _MAX_STARTS + 1):
            try:
                for page in self._pages(client, progress.start, progress):
                    progress.take(page)
                    files.write(page.answer.rows)
            except _ExpiredError as expired:
                if starts == _MAX_STARTS:
                    raise expired.answer from None
                if not progress.can_continue:
                    files.discard()
                progress.start_again()
            else:
                return

    def _pages(self, client: Client, start: Start, progress: Progress) -> Iterator[Page]:
        """Yield the pages of a walk, and before one the rows that have moved onto the page before it."""
        borders = Borders(self.declared.paging)
        for page in self._walk(client, start, progress):
            if former := borders.doubted(page):
                again = self._page(client, former.call, progress, is_first=False)
                try:
                    moved = moved_rows(former, again)
                except MovedError as error:
                    raise _ExpiredError(error) from None
                if moved:
                    yield moved
            yield page

    def _walk(self, client: Client, start: Start, progress: Progress) -> Iterator[Page]:
        pager = pager_of(self.declared.paging)
        first = pager.first(self._first_call(start, None))
        call, before, row_count, empty_count = first, b"", 0, 0
        restarts = {first.digest}
        while True:
            page = self._page(client, call, progress, is_first=call is first and start.paging_cursor is None)
            digest = hashlib.sha256("\n".join(page.answer.rows).encode()).digest()
            if page.row_count and digest == before:
                raise FetchError(
                    f"{call.address} answers with the same page twice; expected the one that follows. Check the "
                    "declared paging, such as the name of its parameter."
                )
            before, row_count = digest, row_count + page.row_count
            empty_count = 0 if page.row_count else empty_count + 1
            yield page
            if self.declared.restart and row_count >= self.declared.restart.after_rows:
                pager, row_count = pager_of(self.declared.paging), 0
                following: Call | None = pager.first(self._first_call(start, self._restarted(page)))
                if following is None or following.digest in restarts:
                    raise FetchError(
                        f"{call.address} gives the same rows to another question; expected those after {{restart}}. "
                        "Check the declared filter and order."
                    )
                restarts.add(following.digest)
            else:
                following = pager.following(page)
            if following is None:
                return
            if empty_count >= _MAX_EMPTY_PAGES:
                raise FetchError(f"{call.address} answers with {empty_count} empty pages; expected rows or an end.")
            call = following

    def _page(self, client: Client, call: Call, progress: Progress, *, is_first: bool) -> Page:
        """Return a page; one without rows where the API says by a status that the one before was the last."""
        paging = self.declared.paging
        try:
            return client.answer(call, lambda reply: self._read(call, reply, progress))
        except AnswerError as error:
            if is_first or error.status not in _EXPIRED:
                raise
            if isinstance(paging, PageNumber) and error.status == paging.after_last:
                return Page(call, Answer(has_rows=True))
            expired = _ExpiredError(error)
        raise expired

    def _read(self, call: Call, reply: Reply, progress: Progress) -> Page:
        answer = read_answer(reply.content, self.declared.rows, self._keep)
        is_graphql = self.declared.method == "POST" and self.declared.rows[:1] == ("data",)
        code = "" if answer.rows else error_code(reply.content)
        refuse_failure(answer.around, call.address, code, is_empty=not answer.rows, is_graphql=is_graphql)
        if not answer.has_rows:
            raise FetchError(
                f"{call.address} answers without a list of rows at '{'.'.join(self.declared.rows)}'; found "
                f"{_shape(answer.around)}. Check the declared rows."
            )
        progress.began(reply.sent_at)
        return Page(call, answer, reply.next_link)

    def _keep(self, row: Any) -> Kept:
        cursor, restart, paging = self.declared.cursor, self.declared.restart, self.declared.paging
        in_row = isinstance(paging, NextCursor) and paging.found_in == "last_row"
        return Kept(
            cursor=value_at(row, cursor.field) if cursor else None,
            restart=value_at(row, restart.field) if restart else None,
            paging=value_at(row, paging.path) if isinstance(paging, NextCursor) and in_row else None,
        )

    def first_call(self) -> Call:
        """Return the first call of a fetch without a position."""
        return self._first_call(Start(), None)

    def _first_call(self, start: Start, restarted: str | None) -> Call:
        declared = self.declared
        values = {
            "since": declared.cursor.since(start.cursor) if declared.cursor else None,
            "restart": restarted or (declared.restart.first if declared.restart else None),
        }
        params = {name: _text(value) for name, value in filled(declared.params, values).items()}
        url = f"{declared.base_url.rstrip('/')}/{declared.path.lstrip('/')}".rstrip("/")
        call = Call(url, params, filled(declared.body, values), declared.method)
        if start.paging_cursor is None or not isinstance(declared.paging, NextCursor):
            return call
        return declared.paging.call_with(call, start.paging_cursor)

    def _restarted(self, page: Page) -> str:
        last = page.answer.kept[-1].restart if page.answer.kept else None
        text = "" if last is None or isinstance(last, bool | dict | list) else str(last)
        if not SAFE_TEXT.fullmatch(text):
            raise FetchError(f"The last row of {page.call.address} has no value to restart from; expected an id.")
        return text

    def client(self) -> Client:
        """Return the way to the API, with its secrets read; the caller closes it."""
        declared = self.declared
        limits = Limits(
            declared.attempts,
            declared.timeout_seconds,
            declared.page_seconds,
            declared.max_wait_seconds,
            declared.max_page_bytes,
        )
        return Client(declared.base_url, dict(declared.headers), declared.auth, limits, self.clock)

    def _fetched(self, files: RowFiles, progress: Progress, stamp: str, before: Position | None) -> Fetched:
        position = progress.position(before) | {"stamp": stamp}
        return Fetched(tuple(files.published), files.row_count, position)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        # A member can be called by a customer's value, such as an address.
        names = [name for name in sorted(value) if _PLAIN_NAME.fullmatch(name)][:10]
        return "an object with " + (", ".join(names) or "no plain names")
    return "a list" if isinstance(value, list) else "another value"
