"""Fetching: what a stream's connector finds new comes into its inbox folder; the position is kept for the next time.

A fetch may take as long as the other system likes, so it needs no writer's lock: each stream has a lock of its own.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.databases.cursor import asked_position
from cdp_orchestration.connectors.fetching import Connector, Fetched, FetchError
from cdp_orchestration.connectors.rest.cursor import Cursor
from cdp_orchestration.connectors.secret_values import SecretMissingError
from cdp_orchestration.errors import CdpError, WriterBusyError
from cdp_orchestration.home.durable_files import write_json
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.writer_lock import OnWait, current_holder, writer_lock
from cdp_orchestration.landing.pauses import paused_sources
from cdp_orchestration.sources import Stream


class NotFetchedError(CdpError):
    """The stream cannot be fetched again as it was asked."""


@dataclass(frozen=True)
class FetchOutcome:
    """What one fetch did: rows (None where they were not counted) and files, and why it could not end, if so."""

    row_count: int | None
    file_count: int
    problem: str | None = None


@dataclass(frozen=True)
class FetchProblem:
    """Why the fetches of a stream do not end, and since when (ISO 8601, UTC)."""

    message: str
    since: str


def fetched_streams(streams: Iterable[Stream], settings: Settings) -> list[Stream]:
    """Return those of some streams that a connector fetches now: they have one, and their source is not paused."""
    paused = paused_sources(settings)
    return [each for each in streams if each.mapping and each.mapping.from_ and each.source not in paused]


def fetch_stream(stream: Stream, settings: Settings, since: datetime | None = None) -> FetchOutcome | None:
    """Fetch what is new of a stream that has a connector; it waits for another process that fetches the same stream.

    A system that cannot be reached is no reason to stop what the other sources have delivered: the outcome says it.

    Args:
        stream: the stream.
        settings: where inbox and positions lie.
        since: a fetch that began at this time or later is not repeated; it may have been that of another process.

    Returns:
        The outcome; None for a stream whose files others deliver, and for one of a paused source.
    """
    if not fetched_streams([stream], settings):
        return None
    lock = position_path(stream, settings).with_suffix(".lock")
    try:
        with writer_lock(lock, f"fetching {stream.source}/{stream.name}", settings.writer_wait_seconds):
            return _fetched_since(stream, settings, since) or _fetch(stream, settings)
    except WriterBusyError:
        holder = current_holder(lock) or "another process"
        waited = f"{settings.writer_wait_seconds:,.0f} s"
        return FetchOutcome(0, 0, f"it is still being fetched by {holder} after {waited}; the next sync tries again")


def newest_fetch(stream: Stream, settings: Settings) -> FetchOutcome | None:
    """Return what the newest fetch of a stream did; None where it has no connector, is paused or was never fetched."""
    stored = _read(position_path(stream, settings)) if fetched_streams([stream], settings) else {}
    return FetchOutcome(**stored["outcome"]) if "outcome" in stored else None


def _fetched_since(stream: Stream, settings: Settings, since: datetime | None) -> FetchOutcome | None:
    began = _read(position_path(stream, settings)).get("began_at")
    if since is None or began is None or datetime.fromisoformat(began) < since:
        return None
    return newest_fetch(stream, settings)


def _fetch(stream: Stream, settings: Settings) -> FetchOutcome:
    declared = stream.mapping.from_ if stream.mapping else None
    assert declared is not None  # noqa: S101 - the caller has asked
    began_at = datetime.now(UTC).isoformat()
    # Another address or query has other rows: it is read from the beginning.
    declaration = _digest(declared)
    path = position_path(stream, settings)
    stored = _read(path)
    position = stored.get("position") if stored.get("declaration") == declaration else None
    problem = None
    try:
        connector: Connector = connector_of(declared)
        fetched: Fetched | None = connector.fetch(position, settings.inbox / stream.source / stream.name)
    except (FetchError, SecretMissingError) as error:
        problem, fetched = str(error), getattr(error, "reached", None)
    outcome = FetchOutcome(fetched.row_count if fetched else 0, len(fetched.files) if fetched else 0, problem)
    reached = {"declaration": declaration, "position": fetched.position} if fetched else stored
    # A problem lasts from the first fetch that failed.
    since = (stored.get("since") if stored.get("problem") else None) or began_at
    about = {"problem": problem, "since": since, "began_at": began_at, "outcome": vars(outcome)}
    write_json(path, {**reached, **about})
    return outcome


def fetch_again(stream: Stream, settings: Settings, since: str | None, on_wait: OnWait | None = None) -> None:
    """Let the next fetch of a stream begin earlier; what it brings again lands as newer deliveries of the same rows.

    It waits for a fetch of the stream that is under way.

    Args:
        stream: the stream.
        settings: where the positions lie.
        since: the cursor from which on rows are wanted, such as a date; None for all rows, and all files.
        on_wait: called with a sentence when the wait begins.

    Raises:
        NotFetchedError: the stream has no connector, none that knows what is newer, or a cursor of another kind.
    """
    declared = stream.mapping.from_ if stream.mapping else None
    name = f"{stream.source}/{stream.name}"
    if declared is None:
        raise NotFetchedError(
            f"{name} has no connector: others deliver its files. Deliver them again, or land those of the inbox again "
            f"with `cdp quarantine retry {name}`."
        )
    path = position_path(stream, settings)
    # A fetch that is under way writes the position that it has reached when it ends.
    with writer_lock(path.with_suffix(".lock"), "cdp source backfill", settings.short_wait_seconds, on_wait):
        _start_again(name, declared, path, since)


def _start_again(name: str, declared: BaseModel, path: Path, since: str | None) -> None:
    stored = _read(path)
    before = stored.get("position") or {}
    # Whatever else a connector has noted says what it need not bring again.
    position = {"stamp": before["stamp"]} if "stamp" in before else {}
    if since is not None:
        reached = before.get("cursor") if stored.get("declaration") == _digest(declared) else None
        position["cursor"] = _asked_position(name, getattr(declared, "cursor", None), since, reached)
    write_json(path, {**stored, "declaration": _digest(declared), "position": position})


def _asked_position(name: str, cursor: Cursor | str | None, since: str, reached: str | int | None) -> str | int:
    """Return the cursor from which on rows are wanted; never one that has not been reached yet."""
    if not cursor:
        raise NotFetchedError(f"{name} is fetched whole each time; run the command without --since.")
    if isinstance(cursor, Cursor):
        asked = cursor.parse(since)
        if asked is None:
            raise NotFetchedError(f"{name}: {since} is no {cursor.form}; expected a value of its cursor.")
        return cursor.stored(asked) if reached is None else cursor.stored(min(asked, cursor.parse(reached) or asked))
    position = asked_position(since, reached if reached is None else str(reached))
    if position is None:
        expected = f"one such as {reached}" if reached else "a number, a day or a time such as 2026-01-31 10:00"
        raise NotFetchedError(f"{name}: {since} is no value of its cursor {cursor}; expected {expected}.")
    return position


def fetch_problem(stream: Stream, settings: Settings) -> FetchProblem | None:
    """Return why the newest fetch of a stream did not end, None where it did or the stream is not fetched."""
    if not (stream.mapping and stream.mapping.from_):
        return None  # it had a connector once; others deliver its files now
    stored = _read(position_path(stream, settings))
    return FetchProblem(str(stored["problem"]), str(stored.get("since"))) if stored.get("problem") else None


def position_path(stream: Stream, settings: Settings) -> Path:
    """Return the file with the position that the last fetch has reached."""
    return settings.positions / stream.source / f"{stream.name}.json"


def _digest(declared: BaseModel) -> str:
    return hashlib.sha256(declared.model_dump_json().encode()).hexdigest()


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
