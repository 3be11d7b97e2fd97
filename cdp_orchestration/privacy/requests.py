"""What people asked for, and how far an erasure has come: ``privacy/compliance_log.jsonl`` and ``privacy/pending/``.

A pending erasure holds what names the people and their values, since a run that was killed goes on from it; with its
end the file is gone. The log names requests and profiles by their ids alone.
"""

import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.durable_files import replace_file, write_json
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.erasure.erasure import Erasure
from cdp_orchestration.landing.storage.views import compliance_log_file

RequestType = Literal["erase", "access", "restrict", "lift restriction", "rectify", "readmit", "coarsen"]
PLATFORM = "platform"
"""The system of the log that stands for all that is built from the sources."""
MAX_DAYS = 30
"""Within so many days a request is to be answered: Article 12 of the GDPR says a month."""


class RequestIdError(CdpError):
    """A request of that id has been completed, or the id is no plain name."""


@dataclass(frozen=True)
class LogEntry:
    """What one request did in one system.

    Attributes:
        request_id: the request.
        request_type: what was asked for.
        profile_id: the profile that it was about; empty where the person had none.
        system_name: a source, or ``platform`` for all that is built from the sources.
        requested_at: when it was asked for, ISO 8601 in UTC.
        due_at: until when it is to be answered.
        completed_at: when the system held nothing more of it; None while it goes on.
        tables_affected: how many tables changed.
        rows_affected: how many rows of them.
        requested_by: who entered it.
    """

    request_id: str
    request_type: RequestType
    profile_id: str
    system_name: str
    requested_at: str
    due_at: str
    completed_at: str | None
    tables_affected: int
    rows_affected: int
    requested_by: str


@dataclass(frozen=True)
class Pending:
    """An erasure that has begun and has not ended; see ``closure.Closure`` for its parts."""

    request_id: str
    requested_at: str
    due_at: str
    requested_by: str
    profile_ids: tuple[str, ...]
    records: tuple[str, ...]
    names: tuple[tuple[str, str], ...] = field(repr=False)
    values: tuple[str, ...] = field(repr=False)
    words: tuple[str, ...] = field(repr=False)
    why: str = ""

    @property
    def erasure(self) -> Erasure:
        """What landing erases."""
        return Erasure(self.request_id, frozenset(self.names), frozenset(self.values))


def together(pending: Sequence[Pending]) -> Pending:
    """Return several erasures as one, so that what is searched for all of them is searched once."""
    first = pending[0]
    return replace(
        first,
        request_id=" ".join(each.request_id for each in pending),
        profile_ids=tuple(sorted({each for one in pending for each in one.profile_ids})),
        records=tuple(sorted({each for one in pending for each in one.records})),
        names=tuple(sorted({each for one in pending for each in one.names})),
        values=tuple(sorted({each for one in pending for each in one.values})),
        words=tuple(sorted({each for one in pending for each in one.words})),
    )


def is_plain_id(request_id: str) -> bool:
    """Return whether an id can be the name of a file."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", request_id) is not None


def new_request_id(now: datetime) -> str:
    """Return an id for a request that came without one."""
    return f"{now:%Y%m%d}-{secrets.token_hex(4)}"


def due(requested_at: datetime) -> str:
    """Return until when a request is to be answered, ISO 8601 in UTC."""
    return (requested_at + timedelta(days=MAX_DAYS)).isoformat(timespec="seconds")


def read_log(settings: Settings) -> list[LogEntry]:
    """Return the log, the oldest entry first."""
    path = compliance_log_file(settings)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [LogEntry(**json.loads(line)) for line in lines if line.strip()]


def log(settings: Settings, entries: Iterable[LogEntry]) -> None:
    """Write entries into the log; one replaces that of the same request, profile and system.

    Args:
        settings: the home; the caller holds the writer's lock.
        entries: the new ones.
    """
    known = {(each.request_id, each.profile_id, each.system_name): each for each in read_log(settings)}
    known |= {(each.request_id, each.profile_id, each.system_name): each for each in entries}
    lines = "".join(json.dumps(asdict(each)) + "\n" for each in known.values())
    replace_file(compliance_log_file(settings), lines.encode())


def log_answered(
    settings: Settings,
    request_type: RequestType,
    profile_id: str,
    by: str,
    request_id: str | None = None,
    rows: int = 0,
) -> None:
    """Log a request that was answered at once; the caller holds the writer's lock.

    Args:
        settings: the home.
        request_type: what was asked for.
        profile_id: the profile that it was about.
        by: who entered it.
        request_id: the id of the request; without it, a new one.
        rows: how many rows it concerned.
    """
    now = today()
    at = now.isoformat(timespec="seconds")
    named = request_id or new_request_id(now)
    log(settings, [LogEntry(named, request_type, profile_id, PLATFORM, at, due(now), at, int(rows > 0), rows, by)])


def complete(settings: Settings, request_id: str, now: datetime) -> None:
    """Note that a request has ended in every system."""
    at = now.isoformat(timespec="seconds")
    open_entries = [each for each in read_log(settings) if each.request_id == request_id and not each.completed_at]
    log(settings, [replace(each, completed_at=at) for each in open_entries])


def reopen(settings: Settings, request_id: str, system: str) -> None:
    """Note that a system still holds something of a request."""
    found = [each for each in read_log(settings) if (each.request_id, each.system_name) == (request_id, system)]
    log(settings, [replace(each, completed_at=None) for each in found])


def require_new(settings: Settings, request_id: str) -> None:
    """Refuse a request that has ended, or whose id is no plain name.

    Raises:
        RequestIdError: with when it ended, or what an id may be.
    """
    if not is_plain_id(request_id):
        raise RequestIdError(
            f"the request id {request_id[:40]!r} is no name of a file; expected letters, digits, dots, underscores and "
            "hyphens. Give another one"
        )
    ended = [each for each in read_log(settings) if each.request_id == request_id and each.completed_at]
    if ended:
        raise RequestIdError(
            f"request {request_id} ended at {ended[0].completed_at}; expected an id of its own for each request"
        )


def begin(settings: Settings, pending: Pending) -> Pending:
    """Store a pending erasure; from here on the next command goes on with it.

    Returns:
        The erasure; where one of that id has begun, that one, as what has lost the person already says less of them.
    """
    begun = next((each for each in pending_erasures(settings) if each.request_id == pending.request_id), None)
    if begun:
        return begun
    path = _path(settings, pending.request_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    write_json(path, asdict(pending))
    path.chmod(0o600)
    return pending


def end(settings: Settings, request_id: str) -> None:
    """Forget a pending erasure, and with it the last values of the people."""
    _path(settings, request_id).unlink(missing_ok=True)


def pending_erasures(settings: Settings) -> list[Pending]:
    """Return the erasures that have begun and not ended, in the order of their requests."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(_folder(settings).glob("*.json"))]
    return [
        Pending(
            **{
                **each,
                **{name: tuple(each[name]) for name in ("profile_ids", "records", "values", "words")},
                "names": tuple((kind, value) for kind, value in each["names"]),
            }
        )
        for each in found
    ]


def today() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


def _folder(settings: Settings) -> Path:
    return settings.privacy / "pending"


def _path(settings: Settings, request_id: str) -> Path:
    return _folder(settings) / f"{request_id}.json"
