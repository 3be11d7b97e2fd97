"""What is wrong with the sources at a moment: paused, stale or degraded, since when and why; a release keeps it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import quoted
from cdp_orchestration.home.warehouse import has_table
from cdp_orchestration.landing.fetching import fetch_problem
from cdp_orchestration.landing.pauses import paused_sources
from cdp_orchestration.landing.states.lateness import last_deliveries, lateness_by_table
from cdp_orchestration.landing.storage.ledger import LedgerEntry, read_ledger
from cdp_orchestration.sources import Stream, declared_streams
from cdp_orchestration.sources.snapshots import CONFIRMED, snapshots

State = Literal["paused", "stale", "degraded"]


@dataclass(frozen=True)
class SourceState:
    """A source, or one stream of it, that does not give what it should; ``since`` is ISO 8601, UTC."""

    source: str
    stream: str | None
    state: State
    since: str
    why: str


def source_states(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[SourceState]:
    """Return the sources and streams that are paused, stale or degraded; healthy ones have no entry.

    Args:
        connection: the warehouse, with its ledger; one that only reads will do.
        settings: the home.
    """
    paused = (SourceState(name, None, "paused", at, "by a person") for name, at in paused_sources(settings).items())
    degraded = (state for stream in declared_streams(settings) for state in _degraded(connection, stream, settings))
    return [*paused, *_stale(connection, settings), *degraded]


def _stale(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[SourceState]:
    """Yield the streams whose newest rows are older than their source declares."""
    now = datetime.now(UTC).replace(tzinfo=None)
    streams = declared_streams(settings)
    found = lateness_by_table(streams, last_deliveries(connection), paused_sources(settings), now)
    for stream in streams:
        late = found.get(stream.table)
        if late and late.delivered_at and late.punctuality != "in time":
            since = late.delivered_at.isoformat(timespec="seconds") + "+00:00"
            yield SourceState(stream.source, stream.name, "stale", since, late.sentence)


def _degraded(connection: duckdb.DuckDBPyConnection, stream: Stream, settings: Settings) -> Iterator[SourceState]:
    problem = fetch_problem(stream, settings)
    if problem:
        yield SourceState(stream.source, stream.name, "degraded", problem.since, f"not fetched: {problem.message}")
    yield from _shrunk(connection, stream)
    latest = {entry.source_file: entry for entry in read_ledger(connection, stream)}
    refused = sorted((entry for entry in latest.values() if entry.status == "refused"), key=_age)
    if refused:
        files = f"{len(refused)} {'file is' if len(refused) == 1 else 'files are'} refused"
        reasons = ", ".join(sorted({entry.reason or "" for entry in refused}))
        since = refused[0].loaded_at.isoformat(timespec="seconds") + "+00:00"
        yield SourceState(stream.source, stream.name, "degraded", since, f"{files}: {reasons}")


def _shrunk(connection: duckdb.DuckDBPyConnection, stream: Stream) -> Iterator[SourceState]:
    """Yield that the newest snapshot of a stream is not believed, so that what it lacks is not taken for deleted."""
    deleted = stream.mapping.deleted if stream.mapping else None
    if not deleted or not deleted.absent_from_snapshot:
        return
    has_decisions = has_table(connection, *CONFIRMED.split("."))
    relation = f"landing.{quoted(stream.table)}"
    newest = connection.execute(
        "select began_at, row_count, former_count, is_complete, is_believed "
        f"from ({snapshots(relation, has_decisions=has_decisions)}) order by position desc limit 1"
    ).fetchall()
    for began_at, row_count, former_count, is_complete, is_believed in newest:
        if not is_believed:
            found = (
                f"{row_count:,} rows, the one before {former_count or 0:,}" if is_complete else "not all of its parts"
            )
            confirmed = f", or until `cdp source confirm {stream.source}/{stream.name}`" if is_complete else ""
            kept = f"what it lacks is not taken for deleted until the next one{confirmed}"
            why = f"the newest snapshot has {found}: {kept}"
            since = began_at.isoformat(timespec="seconds") + "+00:00"
            yield SourceState(stream.source, stream.name, "degraded", since, why)


def _age(entry: LedgerEntry) -> datetime:
    return entry.loaded_at
