"""Sending: each event once to each target that wants it, again later where a target does not take it.

A target that is down never fails what was done before: it is named in the report. Between a target that takes a message
and the note that it did stands one commit; a process that is killed just there sends the message once more, with the
same id.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from filelock import FileLock, Timeout

from cdp_orchestration.connectors.secret_values import SecretMissingError
from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.notifications.declaration import Notifications, Target, name_in_messages, read_notifications
from cdp_orchestration.notifications.findings import Event, Observed, message_body, opened
from cdp_orchestration.notifications.outbox import Outbox, open_outbox
from cdp_orchestration.notifications.receivers import NotDeliveredError, deliver

PAUSES_SECONDS = (60.0, 300.0, 900.0, 3600.0)
"""After how long a target that took nothing is asked again while no sync runs; the last pause repeats."""
QUICK_PAUSES_SECONDS = (0.5, 2.0)
"""The pauses between the tries of one message at one time."""
LOCK_WAIT_SECONDS = 60.0

Observe = Callable[[Outbox], Iterable[Observed]]
"""Looks at a home: what it finds, in order of time, such as what stood after one run and then after the next."""


@dataclass(frozen=True)
class Report:
    """What was sent.

    Attributes:
        sent: the messages that were taken.
        problems: a sentence for each target that did not take one, and for all else that went wrong.
        is_noted: whether what was sent could be noted.
    """

    sent: int
    problems: tuple[str, ...]
    is_noted: bool = True

    @property
    def sentences(self) -> list[str]:
        """What a person who has run a sync should read of it."""
        count = "1 message" if self.sent == 1 else f"{self.sent} messages"
        return [*([f"Notifications: {count} sent"] if self.sent else []), *self.problems]


@dataclass(frozen=True)
class Tested:
    """The result of a test message to one target; ``problem`` is None where it was taken."""

    target: str
    kind: str
    problem: str | None
    remark: str | None = None


def notify(
    settings: Settings,
    observe: Observe,
    *,
    is_patient: bool = False,
    pause: Callable[[float], object] = time.sleep,
) -> Report:
    """Take up what stands in a home, and send what is new and what waits.

    Args:
        settings: the home.
        observe: looks at the home; called while no other process sends.
        is_patient: whether a target that took nothing is left alone until its next try is due.
        pause: how to wait between the tries of one message.

    Returns:
        What was sent, and what could not be. It raises for nothing that a target, its declaration or the file of what
        was sent has wrong.
    """
    lock = FileLock(settings.home / "notifications.lock", timeout=0 if is_patient else LOCK_WAIT_SECONDS)
    try:
        declared, problems = read_notifications(settings), []
    except CdpError as error:
        declared, problems = Notifications(), [f"Nothing is sent: {error}"]
    sender = _Sender(settings, declared, pause)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with lock, open_outbox(settings) as outbox:
            _take_up(outbox, observe, declared)
            problems += [
                problem for name in declared.targets for problem in sender.send_waiting(outbox, name, is_patient)
            ]
            return Report(sender.sent, tuple(problems))
    except Timeout:
        return Report(0, (*problems, "Another process sends notifications now; it or the next sync sends what is new"))
    except (sqlite3.Error, OSError) as error:
        return Report(
            sender.sent, (*problems, f"{settings.sent_notifications} cannot be written ({error})"), is_noted=False
        )


def send_without_note(settings: Settings, observed: Observed) -> Report:
    """Send what is critical where nothing can be noted, as on a full disk: heard twice is better than not heard.

    Args:
        settings: the home.
        observed: what is wrong.

    Returns:
        What was sent.
    """
    try:
        declared = read_notifications(settings)
    except CdpError:  # said before
        return Report(0, ())
    sender = _Sender(settings, declared, time.sleep)
    problems = []
    for finding in (each for each in observed.findings if each.severity == "critical"):
        event = opened(finding, _iso(time.time()))
        for name, target in declared.targets.items():
            if target.wants(event) and (problem := sender.try_to_send(name, event)):
                problems.append(_said(name, problem))
    return Report(sender.sent, tuple(problems))


def send_test(settings: Settings) -> list[Tested]:
    """Send a test message to each declared target, whatever events it chooses; an error in the file is raised."""
    declared = read_notifications(settings)
    event = Event(
        event_id=f"test-{time.time_ns()}",
        kind="test",
        severity="warning",
        subject="this is how you hear of it",
        what="Somebody has run `cdp notify test`; nothing is wrong.",
        remedy="Nothing to do.",
        occurred_at=_iso(time.time()),
    )
    sender = _Sender(settings, declared, lambda _: None)
    results = []
    for name, target in declared.targets.items():
        problem = sender.try_once(name, event)
        results.append(Tested(name, target.kind, problem, sender.remarks.pop(name, None)))
    return results


def _take_up(outbox: Outbox, observe: Observe, declared: Notifications) -> None:
    wants = {name: target.wants for name, target in declared.targets.items()}
    for observed in observe(outbox):
        now = time.time()
        outbox.queue(outbox.take_up(observed, now, _iso(now)), wants)
    outbox.queue(outbox.standing_events(), wants)


class _Sender:
    """Sends to the targets of one home, and counts."""

    def __init__(self, settings: Settings, declared: Notifications, pause: Callable[[float], object]) -> None:
        self._settings = settings
        self._targets: dict[str, Target] = declared.targets
        self._name = name_in_messages(declared, settings)
        self._pause = pause
        self.sent = 0
        self.remarks: dict[str, str] = {}

    def send_waiting(self, outbox: Outbox, name: str, is_patient: bool) -> Iterator[str]:
        """Send what waits for a target, the oldest first; the first that it does not take ends the turn."""
        waiting = outbox.waiting(name, time.time())
        for position, each in enumerate(waiting):
            if is_patient and each.next_at > time.time():
                return
            problem = self.try_to_send(name, each.event)
            now = time.time()
            if problem:
                pause = PAUSES_SECONDS[min(each.tries, len(PAUSES_SECONDS) - 1)]
                outbox.note_failure(each.event.event_id, name, now + pause, problem)
                yield _said(name, problem, len(waiting) - position)
                return
            remark = self.remarks.pop(name, None)
            outbox.note_sent(each.event.event_id, name, now, remark)
            if remark:
                yield f"Notification to {name}: {remark}"

    def try_to_send(self, name: str, event: Event) -> str | None:
        """Send an event to a target, again after short pauses; return why it was not taken, None where it was."""
        problem = self.try_once(name, event)
        for seconds in QUICK_PAUSES_SECONDS:
            if problem is None:
                break
            self._pause(seconds)
            problem = self.try_once(name, event)
        return problem

    def try_once(self, name: str, event: Event) -> str | None:
        """Send an event to a target; return why it was not taken, None where it was."""
        try:
            remark = deliver(self._targets[name], message_body(event, self._name), name, self._settings.home)
        except (NotDeliveredError, SecretMissingError) as error:
            return str(error)
        self.sent += 1
        if remark:
            self.remarks[name] = remark
        return None


def _said(name: str, problem: str, waiting: int = 1) -> str:
    count = "1 message waits" if waiting == 1 else f"{waiting} messages wait"
    return f"Not notified: {name}: {problem}; {count} for the next sync (`cdp notify test` tries the target)"


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
