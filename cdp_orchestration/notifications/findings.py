"""What is wrong with a home and stands, and the events that are sent about it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Kind = Literal[
    "failed_run",
    "blocked_release",
    "check_warning",
    "stale_source",
    "degraded_source",
    "stale_destination",
    "churn_budget",
    "low_disk",
]
EventKind = Literal[Kind, "recovered", "test"]
Severity = Literal["warning", "critical"]

KINDS: tuple[Kind, ...] = get_args(Kind)
BODY_VERSION = 1
BLOCKING: frozenset[Kind] = frozenset({"failed_run", "blocked_release"})
"""What keeps a release from being made."""

_MORE = "On the machine `cdp status` shows more."
_TITLES: Mapping[EventKind, str] = {
    "failed_run": "a sync failed",
    "blocked_release": "the release is blocked",
    "check_warning": "checks warn",
    "stale_source": "a source is late",
    "degraded_source": "a source is degraded",
    "stale_destination": "a destination is behind",
    "churn_budget": "many profiles changed",
    "low_disk": "the disk is nearly full",
    "recovered": "healthy again",
    "test": "a test message",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: what sort of thing.
        subject: what it is about: a job, a gate, a stream, a release.
        severity: critical where readers, or the next release, are harmed.
        what: what happened, in words that may be sent.
        remedy: what to do next, in words that may be sent.
        occurrence: what distinguishes two events of one subject, such as the run that failed or the time since when.
        since: since when it stands, ISO 8601 in UTC, where that is known.
        counts: figures about it.
        run_id: the run that found it.
        details: further sentences for the terminal, with keys and file names; they are never sent.
    """

    kind: Kind
    subject: str
    severity: Severity
    what: str
    remedy: str
    occurrence: str = ""
    since: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    run_id: str | None = None
    details: tuple[str, ...] = ()

    @property
    def is_left_by_runs(self) -> bool:
        """Whether it is the warning of another check than a gate: only the runs that evaluated it know of it."""
        return self.kind == "check_warning" and ":" in self.subject

    @property
    def fingerprint(self) -> str:
        """The same as long as it is the same thing that stands."""
        named = "\0".join((self.kind, self.subject, self.severity, self.occurrence))
        return f"{self.kind}-{hashlib.sha256(named.encode()).hexdigest()[:20]}"


@dataclass(frozen=True)
class Observed:
    """What was looked at, and what is wrong there: a kind that was not looked at neither stands nor has ended."""

    kinds: frozenset[Kind]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Event:
    """What is sent: a finding that is new, one that stands no longer (``recovers`` is its event), or a test."""

    event_id: str
    kind: EventKind
    severity: Severity
    subject: str
    what: str
    remedy: str
    occurred_at: str
    since: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    run_id: str | None = None
    recovers: str | None = None
    recovers_kind: Kind | None = None

    def title(self, name: str) -> str:
        """Return one line for a subject: the home, how bad it is, what it is about."""
        severity = "" if self.kind in ("recovered", "test") else f"{self.severity}: "
        return f"[{name}] {severity}{_TITLES[self.kind]}: {self.subject}"


def opened(finding: Finding, now: str) -> Event:
    """Return the event of a finding that is new."""
    return Event(
        # The same finding that comes back later is another event
        event_id=f"{finding.fingerprint}-{''.join(filter(str.isdigit, now))[:14]}",
        kind=finding.kind,
        severity=finding.severity,
        subject=finding.subject,
        what=finding.what,
        remedy=f"{finding.remedy} {_MORE}",
        occurred_at=now,
        since=finding.since,
        counts=dict(finding.counts),
        run_id=finding.run_id,
    )


def recovered(finding: Finding, event_id: str, now: str) -> Event:
    """Return the event that a finding, of which the event is named, stands no longer; it is as severe as that."""
    return Event(
        event_id=f"recovered-{event_id}",
        kind="recovered",
        severity=finding.severity,
        subject=finding.subject,
        what=f"This stands no longer: {finding.what}",
        remedy="Nothing to do.",
        occurred_at=now,
        since=now,
        recovers=event_id,
        recovers_kind=finding.kind,
    )


def message_body(event: Event, name: str) -> dict[str, Any]:
    """Return the JSON body of a message, version 1: fields are only added to it.

    Args:
        event: the event.
        name: what the home is called in messages.

    Returns:
        ``version``, ``id`` (the same for every try of one event), ``kind``, ``severity``, ``home``, ``subject``,
        ``title``, ``what_happened``, ``what_to_do``, ``occurred_at``, ``since``, ``counts``, ``run_id``, and
        ``recovers``: null, or the ``id`` and ``kind`` of the event that has ended.
    """
    return {
        "version": BODY_VERSION,
        "id": event.event_id,
        "kind": event.kind,
        "severity": event.severity,
        "home": name,
        "subject": event.subject,
        "title": event.title(name),
        "what_happened": event.what,
        "what_to_do": event.remedy,
        "occurred_at": event.occurred_at,
        "since": event.since,
        "counts": dict(event.counts),
        "run_id": event.run_id,
        "recovers": {"id": event.recovers, "kind": event.recovers_kind} if event.recovers else None,
    }
