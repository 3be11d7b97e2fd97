"""What people decided, and what became live: ``audit.jsonl`` of the home, to which lines are only added.

Each entry holds the SHA-256 of the one before it, so that an entry that was changed, removed or put between others is
found. It names releases, runs, streams, decisions by their ids, and who decided: no key and no value of a customer.
"""

import getpass
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from cdp_orchestration.errors import DamagedAuditError
from cdp_orchestration.home.durable_files import append_durably
from cdp_orchestration.home.sql_text import text_literal

Action = Literal[
    "release",
    "rollback",
    "pin",
    "unpin",
    "prune",
    "repair",
    "accept figures",
    "coarsen texts",
    "link records",
    "unlink records",
    "withdraw decision",
    "approve model",
    "pause source",
    "resume source",
    "withdraw delivery",
    "confirm snapshot",
    "erase",
    "readmit",
    "restrict person",
    "lift restriction",
    "rectify person",
    "withdraw rectification",
]
FIRST = ""


@dataclass(frozen=True)
class Entry:
    """One decision.

    Attributes:
        number: its place, from 1.
        at: when, ISO 8601 in UTC.
        action: what was done.
        subject: to what: a release, a run, a stream, the id of a decision.
        by: the user who did it, or the run.
        why: the reason that the person gave; empty for a run.
        details: counts and further names.
        previous: the SHA-256 of the entry before it; empty for the first.
        sha256: that of all of the above.
    """

    number: int
    at: str
    action: str
    subject: str
    by: str
    why: str
    details: Mapping[str, object]
    previous: str
    sha256: str


def record(
    path: Path,
    action: Action,
    subject: str,
    *,
    by: str | None = None,
    why: str = "",
    details: Mapping[str, object] | None = None,
) -> Entry:
    """Add an entry, durably, also behind a line that is no entry: a damaged log stops no work, and doctor names it.

    Args:
        path: the file.
        action: what was done.
        subject: to what.
        by: who did it; by default the user of this process.
        why: the reason.
        details: counts and further names.

    Returns:
        The entry.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not every decision waits for the writer of the home
    with FileLock(path.with_suffix(".lock")):
        return _add(path, action, subject, by or getpass.getuser(), why, details or {})


def _add(path: Path, action: Action, subject: str, by: str, why: str, details: Mapping[str, object]) -> Entry:
    _remove_cut_end(path)
    lines = path.read_bytes().splitlines() if path.exists() else []
    unsigned: dict[str, Any] = {
        "number": len(lines) + 1,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "action": action,
        "subject": subject,
        "by": by,
        "why": why,
        "details": dict(details),
        "previous": _sha256_in(lines[-1]) if lines else FIRST,
    }
    entry = Entry(**unsigned, sha256=_sha256(unsigned))
    append_durably(path, [json.dumps(asdict(entry), ensure_ascii=False) + "\n"])
    return entry


def was_recorded(path: Path, action: Action, subject: str) -> bool:
    """Return whether an entry says that something was done; lines that are no entries say nothing."""
    if not path.exists():
        return False
    for line in path.read_bytes().splitlines():
        with suppress(ValueError, TypeError):
            entry = Entry(**json.loads(line))
            if (entry.action, entry.subject) == (action, subject):
                return True
    return False


def read_audit(path: Path) -> list[Entry]:
    """Return all entries, the oldest first.

    Args:
        path: the file; without it there are none.

    Returns:
        The entries, whether the chain is whole or not.

    Raises:
        DamagedAuditError: a line is no entry.
    """
    if not path.exists():
        return []
    entries = []
    # What follows the last line break was cut by a crash before it was an entry
    lines = path.read_bytes().split(b"\n")[:-1]
    for number, line in enumerate(lines, start=1):
        try:
            entries.append(Entry(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise DamagedAuditError(
                f"{path} line {number} is no entry ({type(error).__name__}); expected a JSON object as written by the "
                "platform. Restore the file from a backup"
            ) from error
    return entries


def entries_query(path: Path) -> str:
    """Return the query of all entries, for DuckDB; a line that is no entry is a row without values.

    Args:
        path: the file; it has to be there.
    """
    kinds = dict.fromkeys(Entry.__annotations__, "varchar") | {"number": "bigint", "details": "json"}
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items())
    return (
        'select number, make_timestamp(epoch_us("at"::timestamptz)) as done_at, action, subject, "by" as done_by, why, '
        "details, previous, sha256 from read_json("
        f"{text_literal(path)}, format = 'newline_delimited', ignore_errors = true, columns = {{{columns}}})"
    )


def broken_links(entries: list[Entry]) -> Iterator[str]:
    """Yield where the chain of entries is broken, a sentence each; nothing where it is whole."""
    previous = FIRST
    for number, entry in enumerate(entries, start=1):
        unsigned = {name: value for name, value in asdict(entry).items() if name != "sha256"}
        if entry.number != number:
            yield f"entry {entry.number} stands at place {number}: an entry was removed, added or moved before it"
        elif entry.previous != previous:
            yield f"entry {number} does not follow the one before it, which was changed or replaced"
        elif _sha256(unsigned) != entry.sha256:
            yield f"entry {number} was changed"
        previous = entry.sha256


def _remove_cut_end(path: Path) -> None:
    if path.exists() and not (content := path.read_bytes()).endswith(b"\n"):
        with path.open("rb+") as file:
            file.truncate(content.rfind(b"\n") + 1)


def _sha256_in(line: bytes) -> str:
    """Return the SHA-256 that an entry holds of itself; of a line that is no entry, that of the line."""
    try:
        return Entry(**json.loads(line)).sha256
    except (ValueError, TypeError):
        return hashlib.sha256(line).hexdigest()


def _sha256(unsigned: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(unsigned, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
