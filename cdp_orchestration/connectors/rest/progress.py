"""How far a fetch has come, and from where the next one starts."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from cdp_orchestration.connectors.fetching import FetchError, Position
from cdp_orchestration.connectors.rest.calls import Page
from cdp_orchestration.connectors.rest.cursor import CursorValue, newest
from cdp_orchestration.connectors.rest.declaration import Rest
from cdp_orchestration.connectors.rest.paging import NextCursor


@dataclass(frozen=True)
class Kept:
    """What is kept of a parsed row: values as the API gave them."""

    cursor: Any = None
    restart: Any = None
    paging: Any = None


@dataclass(frozen=True)
class Start:
    """Where a walk through the pages starts: at a cursor of rows, or exactly at a cursor of pages."""

    cursor: CursorValue | None = None
    paging_cursor: str | None = None


@dataclass
class Progress:
    """The newest cursor so far, and what bounds it.

    A row can change after its page was read and before the last page is: a position after the beginning of the fetch
    would pass over it. The same bound keeps a wrong clock, which gave a row a time to come, from moving the position.
    """

    declared: Rest
    start: Start
    began_at: datetime
    newest: CursorValue | None
    paging_cursor: str | None = None
    is_in_order: bool = True
    is_complete: bool = False
    _walked: CursorValue | None = None  # the newest since the walk began
    _passed: CursorValue | None = None  # the one before it: no row of the next page has it

    @classmethod
    def after(cls, position: Position | None, declared: Rest, now: datetime) -> Self:
        """Return the progress of a fetch that begins now at a position."""
        start = _start(position or {}, declared)
        return cls(declared, start, now, start.cursor, start.paging_cursor)

    @property
    def can_continue(self) -> bool:
        """Whether a fetch that fails leaves a position between the old one and the newest."""
        cursor = self.declared.cursor
        return self._keeps_paging or bool(cursor and cursor.is_sorted and self.is_in_order)

    def began(self, sent_at: datetime | None) -> None:
        """Take the API's own time of its first answer, where it is earlier than this machine's."""
        if sent_at is not None:
            self.began_at = min(self.began_at, sent_at)

    def take(self, page: Page) -> None:
        """Take in the rows of a page."""
        cursor = self.declared.cursor
        values = [cursor.read(kept.cursor) for kept in page.answer.kept] if cursor else []
        found = [value for value in values if value is not None]
        if cursor and values and not found and self.newest is None:
            raise FetchError(
                f"No row of the first page of {page.call.address} has a {cursor.form} at '{'.'.join(cursor.field)}'; "
                "expected the declared cursor. Check its field and form."
            )
        for value in found:
            self.is_in_order &= newest(self._walked, value) == value
            if value != self._walked:
                self._passed = newest(self._passed, self._walked)
            self._walked = newest(self._walked, value)
        self.newest = newest(self.newest, self._walked)
        if self._keeps_paging and isinstance(self.declared.paging, NextCursor):
            self.paging_cursor = self.declared.paging.cursor_of(page) or self.paging_cursor

    def start_again(self) -> None:
        """Go back to the last position, or to the rows that came in order, without what has expired."""
        cursor = self._bounded() if self.can_continue else self.start.cursor
        self._walked = None
        self.start, self.paging_cursor = replace(self.start, cursor=cursor, paging_cursor=None), None

    def position(self, before: Position | None) -> Position:
        """Return the position as JSON; that of before where nothing newer was reached."""
        cursor, reached = self.declared.cursor, self._bounded()
        if not (self.is_complete or self.can_continue):
            return dict(before or {})
        position: Position = {}
        if cursor and reached is not None:
            position |= {"cursor": cursor.stored(reached), "cursor_field": ".".join(cursor.field)}
        if self._keeps_paging and self.paging_cursor:
            position["paging_cursor"] = self.paging_cursor
        return position

    @property
    def _keeps_paging(self) -> bool:
        return isinstance(self.declared.paging, NextCursor) and self.declared.paging.is_kept

    def _bounded(self) -> CursorValue | None:
        # The rows of one cursor may go on over a page border, and an API may give only what is newer than it is asked.
        reached = self.newest if self.is_complete else self._passed
        if isinstance(reached, datetime):
            reached = min(reached, self.began_at)
        # An earlier position is never given up, also when this machine's clock was set back.
        return newest(reached, self._earliest)

    @property
    def _earliest(self) -> CursorValue | None:
        return self.start.cursor


def _start(position: Position, declared: Rest) -> Start:
    cursor = declared.cursor
    # The position of another field says nothing about this one.
    is_same = cursor is not None and position.get("cursor_field", ".".join(cursor.field)) == ".".join(cursor.field)
    stored = position.get("cursor") if is_same else None
    kept = isinstance(declared.paging, NextCursor) and declared.paging.is_kept
    return Start(
        cursor.parse(stored) if cursor and stored is not None else None,
        position.get("paging_cursor") if kept else None,
    )
