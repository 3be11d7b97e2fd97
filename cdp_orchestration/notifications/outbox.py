"""``$CDP_HOME/notifications.sqlite``: what stands, which event goes to which target, what was sent and what waits.

A file of its own: the warehouse may be locked, or be the very thing that is broken, when a run has failed.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sqlite_files import address_to_read
from cdp_orchestration.notifications.findings import Event, Finding, Observed, opened, recovered

KEPT_DAYS = 7
"""How long an event that a target does not take is tried again."""

_TABLES = """
create table if not exists standing (kind text, subject text, event_id text, finding text, primary key (kind, subject));
create table if not exists events (number integer primary key, event_id text unique, event text, created_at real);
create table if not exists deliveries (
    event_id text, target text, sent_at real, tries integer default 0, next_at real default 0, problem text,
    primary key (event_id, target)
);
create table if not exists run_notes (run_id text primary key);
create table if not exists kept_warnings (subject text primary key, finding text);
"""
_STAND = """
insert into standing values (?, ?, ?, ?)
on conflict (kind, subject) do update set event_id = excluded.event_id, finding = excluded.finding
"""
_WAITING = """
select deliveries.event_id, events.event, deliveries.tries, deliveries.next_at
from deliveries join events using (event_id)
where deliveries.target = ? and deliveries.sent_at is null and events.created_at > ?
order by events.number
"""


@dataclass(frozen=True)
class Waiting:
    """An event that a target has not taken yet; ``next_at`` is when it is due, in seconds since 1970."""

    event: Event
    tries: int
    next_at: float


class Outbox:
    """The open file; each method is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take the connection, and create the tables where they are missing."""
        self._connection = connection
        with connection:
            connection.executescript(_TABLES)

    def standing(self) -> list[Finding]:
        """Return what stands, in the order in which it was found."""
        return [finding for _, finding in self._standing().values()]

    def take_up(self, observed: Observed, now: float, at: str) -> list[Event]:
        """Store what stands now, and return the events about what is new and about what stands no longer.

        Args:
            observed: what was looked at; findings of other kinds stay as they are.
            now: seconds since 1970.
            at: the same time, ISO 8601.

        Returns:
            The events, in order, stored.
        """
        former = {key: found for key, found in self._standing().items() if found[1].kind in observed.kinds}
        current = {(each.kind, each.subject): each for each in observed.findings}
        ended = {key: found for key, found in former.items() if key not in current}
        new = [each for key, each in current.items() if key not in former or not _is_same(former[key][1], each)]
        began = [opened(each, at) for each in new]
        # A gate that warned and now refuses is not healthy again
        worse = {each.subject for each in observed.findings if each.severity == "critical"}
        better = [found for found in ended.values() if found[1].subject not in worse]
        events = [*(recovered(finding, event_id, at) for event_id, finding in better), *began]
        ids = {(each.kind, each.subject): each.event_id for each in began}
        rows = [(*key, ids.get(key) or former[key][0], json.dumps(asdict(each))) for key, each in current.items()]
        with self._connection as connection:
            connection.executemany("delete from standing where kind = ? and subject = ?", list(ended))
            connection.executemany(_STAND, rows)
            connection.executemany(
                "insert into events (event_id, event, created_at) values (?, ?, ?) on conflict do nothing",
                [(each.event_id, json.dumps(asdict(each)), now) for each in events],
            )
        return events

    def queue(self, events: Iterable[Event], wants: Mapping[str, Any]) -> None:
        """Let events go to the targets that want them; an event that once went to a target never goes there again.

        Args:
            events: the events.
            wants: by the name of each target, a function that returns whether it wants an event.
        """
        with self._connection as connection:
            for event in events:
                # That something is healthy again goes to those alone who hear, or wait to hear, that it was not
                heard = self._targets_of(event.recovers) if event.recovers else set(wants)
                connection.executemany(
                    "insert into deliveries (event_id, target) values (?, ?) on conflict do nothing",
                    [(event.event_id, name) for name in heard & set(wants) if wants[name](event)],
                )

    def standing_events(self) -> list[Event]:
        """Return the events of what stands, for a target that was declared after they began."""
        rows = self._connection.execute(
            "select events.event from standing join events using (event_id) order by events.number"
        ).fetchall()
        return [Event(**json.loads(event)) for (event,) in rows]

    def waiting(self, target: str, now: float) -> list[Waiting]:
        """Return what a target has not taken yet, the oldest first; what is too old is left out."""
        rows = self._connection.execute(_WAITING, (target, now - KEPT_DAYS * 86400)).fetchall()
        return [Waiting(Event(**json.loads(event)), tries, next_at) for _, event, tries, next_at in rows]

    def note_sent(self, event_id: str, target: str, now: float, remark: str | None) -> None:
        """Note that a target has taken an event."""
        with self._connection as connection:
            connection.execute(
                "update deliveries set sent_at = ?, tries = tries + 1, problem = ? where event_id = ? and target = ?",
                (now, remark, event_id, target),
            )

    def note_failure(self, event_id: str, target: str, next_at: float, problem: str) -> None:
        """Note that a target has not taken an event, and when it is due again."""
        with self._connection as connection:
            connection.execute(
                "update deliveries set tries = tries + 1, next_at = ?, problem = ? where event_id = ? and target = ?",
                (next_at, problem, event_id, target),
            )

    def last_of(self, target: str) -> tuple[int, float | None, str | None]:
        """Return how many events a target has taken, when the last one, and its newest problem with one that waits."""
        count, last = self._connection.execute(
            "select count(sent_at), max(sent_at) from deliveries where target = ?", (target,)
        ).fetchall()[0]
        problems = self._connection.execute(
            "select problem from deliveries where target = ? and sent_at is null and problem is not null "
            "order by rowid desc limit 1",
            (target,),
        ).fetchall()
        return int(count), last, problems[0][0] if problems else None

    def noted_runs(self) -> set[str]:
        """Return the ids of the runs whose end was taken up."""
        return {run_id for (run_id,) in self._connection.execute("select run_id from run_notes").fetchall()}

    def note_runs(self, run_ids: Iterable[str]) -> None:
        """Note that the end of these runs was taken up."""
        with self._connection as connection:
            connection.executemany("insert or ignore into run_notes values (?)", [(each,) for each in run_ids])

    def _standing(self) -> dict[tuple[str, str], tuple[str, Finding]]:
        return _standing_in(self._connection)

    def kept_warnings(self) -> list[Finding]:
        """Return the warnings of checks that no run has evaluated since."""
        rows = self._connection.execute("select finding from kept_warnings order by rowid").fetchall()
        return [_finding(json.loads(finding)) for (finding,) in rows]

    def keep_warnings(self, warnings: Iterable[Finding]) -> None:
        """Replace the warnings of checks."""
        rows = [(each.subject, json.dumps(asdict(each))) for each in warnings]
        with self._connection as connection:
            connection.execute("delete from kept_warnings")
            connection.executemany("insert into kept_warnings values (?, ?)", rows)

    def _targets_of(self, event_id: str) -> set[str]:
        rows = self._connection.execute("select target from deliveries where event_id = ?", (event_id,)).fetchall()
        return {target for (target,) in rows}


@contextmanager
def open_outbox(settings: Settings) -> Iterator[Outbox]:
    """Open the file of a home, and create it where it is missing.

    Args:
        settings: the home.

    Yields:
        The outbox; ``sqlite3.Error`` or ``OSError`` where the file cannot be written.
    """
    path: Path = settings.sent_notifications
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        yield Outbox(connection)


def standing_findings(settings: Settings) -> list[Finding]:
    """Return what stood when it was last taken up, without creating or changing a file."""
    if not settings.sent_notifications.exists():
        return []
    address = address_to_read(settings.sent_notifications)
    with closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
        return [finding for _, finding in _standing_in(connection).values()]


def was_taken_up(settings: Settings, run_id: str) -> bool:
    """Return whether it is known how a run ended, without creating or changing a file."""
    if not settings.sent_notifications.exists():
        return False
    address = address_to_read(settings.sent_notifications)
    with closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
        return bool(connection.execute("select 1 from run_notes where run_id = ?", (run_id,)).fetchall())


def _standing_in(connection: sqlite3.Connection) -> dict[tuple[str, str], tuple[str, Finding]]:
    """Return by kind and subject what stands, with the id of its event."""
    rows = connection.execute("select event_id, finding from standing order by rowid").fetchall()
    found = ((event_id, json.loads(finding)) for event_id, finding in rows)
    return {(values["kind"], values["subject"]): (event_id, _finding(values)) for event_id, values in found}


def _finding(values: dict[str, Any]) -> Finding:
    return Finding(**{**values, "details": tuple(values["details"])})


def _is_same(former: Finding, current: Finding) -> bool:
    return former.fingerprint == current.fingerprint
