"""Findings of the sources: streams that are late, not fetched, refused, or whose columns are not declared."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import has_table
from cdp_orchestration.landing.fetching import fetch_problem
from cdp_orchestration.landing.pauses import paused_sources
from cdp_orchestration.landing.refusals import MESSAGES
from cdp_orchestration.landing.states.lateness import Lateness, last_deliveries, lateness
from cdp_orchestration.landing.states.source_states import SourceState, source_states
from cdp_orchestration.landing.storage.ledger import LedgerEntry, read_ledger
from cdp_orchestration.notifications import Finding
from cdp_orchestration.sources import Stream, declared_streams


@dataclass(frozen=True)
class StreamHealth:
    """One stream: its newest delivery against what is expected of it, what was refused, what it delivers undeclared.

    Attributes:
        stream: the stream.
        lateness: its newest delivery and whether that was in time.
        paused_since: since when its source is paused, ISO 8601.
        refused: one sentence for each file that is refused as a whole, with reason and remedy.
        refused_row_count: rows that are refused of the newest version of each file.
        refused_value_count: values that are refused, whose rows have landed without them.
        undeclared: the columns that are stored and not read, with the number of files that have them.
        problem: why it is not fetched.
    """

    stream: Stream
    lateness: Lateness
    paused_since: str | None
    refused: tuple[str, ...]
    refused_row_count: int
    refused_value_count: int
    undeclared: Mapping[str, int]
    problem: str | None

    @property
    def name(self) -> str:
        """Return the stream as ``<source>/<stream>``."""
        return f"{self.stream.source}/{self.stream.name}"


def stream_healths(connection: duckdb.DuckDBPyConnection | None, settings: Settings) -> list[StreamHealth]:
    """Return the health of every declared stream, in order.

    Args:
        connection: the warehouse, one that only reads will do; None in a home where nothing has landed.
        settings: the home.
    """
    has_landed = connection is not None and has_table(connection, "operations", "landing_batches")
    delivered = last_deliveries(connection) if connection is not None and has_landed else {}
    latest: dict[str, dict[str, LedgerEntry]] = {}
    for entry in read_ledger(connection) if connection is not None and has_landed else ():
        latest.setdefault(f"{entry.source}_{entry.stream}", {})[entry.source_file] = entry
    paused = paused_sources(settings)
    now = datetime.now(UTC).replace(tzinfo=None)
    return [
        _stream_health(stream, list(latest.get(stream.table, {}).values()), delivered, paused, now, settings)
        for stream in declared_streams(settings)
    ]


def source_findings(
    connection: duckdb.DuckDBPyConnection, settings: Settings, streams: Sequence[StreamHealth]
) -> list[Finding]:
    """Return a finding for each stream that is late, and one for each that is degraded; a paused one has none.

    Args:
        connection: the warehouse; one that only reads will do.
        settings: the home.
        streams: the health of all streams.
    """
    if not has_table(connection, "operations", "landing_batches"):
        return []
    healths = {each.name: each for each in streams}
    late = (_late(each) for each in healths.values() if each.lateness.punctuality != "in time")
    degraded: dict[str, list[SourceState]] = {}
    for state in source_states(connection, settings):
        if state.state == "degraded":
            degraded.setdefault(f"{state.source}/{state.stream}", []).append(state)
    return [*late, *(_degraded(healths[name], states) for name, states in degraded.items())]


def _stream_health(
    stream: Stream,
    latest: list[LedgerEntry],
    delivered: Mapping[str, datetime],
    paused: Mapping[str, str],
    now: datetime,
    settings: Settings,
) -> StreamHealth:
    problem = fetch_problem(stream, settings)
    since = paused.get(stream.source)
    # A column that a source declares nowhere counts by file, so that one stray file differs from a new export
    undeclared = Counter(name for entry in latest if entry.is_landed for name in entry.undeclared_columns)
    return StreamHealth(
        stream=stream,
        lateness=lateness(stream, delivered.get(stream.table), now, since),
        paused_since=since,
        refused=tuple(_refused_files(latest)),
        refused_row_count=sum(entry.refused_row_count for entry in latest),
        refused_value_count=sum(entry.refused_value_count for entry in latest),
        undeclared=dict(undeclared),
        problem=problem.message if problem else None,
    )


def _refused_files(latest: list[LedgerEntry]) -> Iterator[str]:
    for entry in sorted(latest, key=lambda each: each.source_file):
        if entry.status == "refused":
            meaning = MESSAGES.get(entry.reason or "", "")
            yield f"{entry.source_file}: {entry.reason}: {meaning}"


def _late(health: StreamHealth) -> Finding:
    found = health.lateness
    delivered = found.delivered_at
    since = None if delivered is None else delivered.isoformat(timespec="seconds") + "+00:00"
    return Finding(
        kind="stale_source",
        subject=health.name,
        severity="critical" if found.punctuality == "overdue" else "warning",
        what=f"{health.name} is {found.punctuality}. {found.sentence.partition(';')[0]}; more was expected since.",
        remedy="Ask whoever sends it; if that is its usual pace, declare another `freshness`, or pause the source.",
        occurrence=since or "",
        since=since,
    )


def _degraded(health: StreamHealth, states: list[SourceState]) -> Finding:
    counts = {"refused_files": len(health.refused)} if health.refused else {}
    reasons = _reasons(health, is_doubted=len(states) > bool(health.problem) + bool(health.refused))
    fetch = (f"not fetched: {health.problem}",) if health.problem else ()
    return Finding(
        kind="degraded_source",
        subject=health.name,
        severity="warning",
        what=f"{health.name} is degraded: {'; '.join(reasons)}. The other sources go on.",
        remedy=" ".join(reasons.values()),
        occurrence="; ".join(sorted({state.since for state in states})),
        since=min(state.since for state in states),
        counts=counts,
        details=(*fetch, *health.refused, *(state.why for state in states if "snapshot" in state.why)),
    )


def _reasons(health: StreamHealth, *, is_doubted: bool) -> dict[str, str]:
    """Return why a stream is degraded, each reason with what to do."""
    reasons: dict[str, str] = {}
    if health.problem:
        reasons["it is not fetched"] = "Correct the connection, or wait until the other system answers: see below why."
    if health.refused:
        files = "1 file is" if len(health.refused) == 1 else f"{len(health.refused)} files are"
        reasons[f"{files} refused"] = (
            f"`cdp quarantine show {health.name}` names files, fields and reasons; deliver corrected files under the "
            "same names."
        )
    if is_doubted:
        reasons["its newest snapshot is not believed"] = (
            f"`cdp source confirm {health.name}` says what it would delete, and lets it; else deliver a whole one."
        )
    return reasons
