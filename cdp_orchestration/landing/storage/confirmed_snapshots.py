"""Snapshots that a person confirmed: what they lack counts as deleted, though they have shrunk beyond belief.

Which ones is a decision of people, so it stands in a file of the home beside the other decisions; the table that
staging reads follows from it. A snapshot of which a part is missing cannot be confirmed.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import duckdb

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.audit import record
from cdp_orchestration.home.durable_files import write_json
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import quoted
from cdp_orchestration.landing.storage.ledger import create_ledger
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.snapshots import CONFIRMED, POSITION, refused_keys, snapshots


class NothingToConfirmError(CdpError):
    """The stream has no snapshot that waits to be confirmed."""


@dataclass(frozen=True)
class ConfirmedSnapshot:
    """A snapshot that counts: the content of its files, and who has confirmed how many deletions."""

    source: str
    stream: str
    sha256: tuple[str, ...]
    row_count: int
    former_count: int
    deleted_count: int
    confirmed_at: str
    confirmed_by: str
    why: str | None = None


@dataclass(frozen=True)
class WaitingSnapshot:
    """The newest snapshot of a stream, which is not believed; ``deleted_count`` keys would count as deleted."""

    began_at: datetime
    row_count: int
    former_count: int
    deleted_count: int
    batch_ids: tuple[str, ...]


def confirmed_snapshots(settings: Settings) -> list[ConfirmedSnapshot]:
    """Return the snapshots of a home that were confirmed, oldest first."""
    if not settings.confirmed_snapshots.exists():
        return []
    found = json.loads(settings.confirmed_snapshots.read_text(encoding="utf-8"))
    return [ConfirmedSnapshot(**{**each, "sha256": tuple(each["sha256"])}) for each in found["snapshots"]]


def waiting_snapshot(connection: duckdb.DuckDBPyConnection, stream: Stream) -> WaitingSnapshot:
    """Return the newest snapshot of a stream, where it waits for the next one or for a person.

    Raises:
        NothingToConfirmError: the stream has no snapshots, the newest one is believed, or a part of it is missing.
    """
    name = f"{stream.source}/{stream.name}"
    deleted = stream.mapping.deleted if stream.mapping else None
    if not deleted or not deleted.absent_from_snapshot:
        raise NothingToConfirmError(f"{name} has no snapshots; expected a stream with deleted.absent_from_snapshot.")
    create_ledger(connection)
    found = connection.execute(_waiting(stream)).fetchall()
    if not found:
        raise NothingToConfirmError(f"{name} has no snapshot yet; `cdp sync` lands the first.")
    began_at, row_count, former_count, is_complete, is_believed, batch_ids, deleted_count = found[0]
    if is_believed:
        raise NothingToConfirmError(f"{name}: the newest snapshot ({row_count:,} rows) counts already.")
    if not is_complete:
        raise NothingToConfirmError(
            f"{name}: parts of the newest snapshot are missing, so that what it lacks is not known; fetch or deliver "
            "it again."
        )
    return WaitingSnapshot(began_at, row_count, former_count, deleted_count, tuple(batch_ids))


def confirm_snapshot(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    waiting: WaitingSnapshot,
    settings: Settings,
    *,
    by: str,
    why: str | None = None,
) -> None:
    """Let a snapshot count; the caller holds the writer's lock."""
    hashes = connection.execute(
        "select distinct sha256 from operations.landing_batches where list_contains($ids, batch_id) order by 1",
        {"ids": list(waiting.batch_ids)},
    ).fetchall()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    counts = (waiting.row_count, waiting.former_count, waiting.deleted_count)
    content = tuple(str(sha256) for (sha256,) in hashes)
    decision = ConfirmedSnapshot(stream.source, stream.name, content, *counts, now, by, why)
    kept = [*confirmed_snapshots(settings), decision]
    write_json(settings.confirmed_snapshots, {"snapshots": [asdict(each) for each in kept]})
    details = {"rows": waiting.row_count, "deleted": waiting.deleted_count}
    name = f"{stream.source}/{stream.name}"
    record(settings.audit, "confirm snapshot", name, by=by, why=why or "", details=details)
    mark_confirmed(connection, stream, settings)


def mark_confirmed(connection: duckdb.DuckDBPyConnection, stream: Stream, settings: Settings) -> None:
    """Let the table of confirmed batches hold those of a stream that follow from what was confirmed."""
    of_stream = [
        sha256
        for each in confirmed_snapshots(settings)
        if (each.source, each.stream) == (stream.source, stream.name)
        for sha256 in each.sha256
    ]
    place = {"source": stream.source, "stream": stream.name}
    connection.execute(f"delete from {CONFIRMED} where source = $source and stream = $stream", place)
    if of_stream:
        connection.execute(
            f"""
            insert into {CONFIRMED}
            select source, stream, batch_id from operations.landing_batches
            where source = $source and stream = $stream and list_contains($hashes, sha256)
            """,
            {**place, "hashes": of_stream},
        )


def _waiting(stream: Stream) -> str:
    relation = f"landing.{quoted(stream.table)}"
    key = ", ".join(quoted(name) for name in stream.key)
    key_as_text = ", ".join(f"{quoted(name)}::varchar as {quoted(name)}" for name in stream.key)
    return f"""
        with snapshots as ({snapshots(relation)}),

        newest as (select * from snapshots order by position desc limit 1),

        believed as (select max(position) as position from snapshots where is_believed),

        seen as (
            select {key_as_text}, {POSITION} as position, true as is_landed from {relation}
            union all
            select {key}, position, false as is_landed from ({refused_keys(stream, relation)})
        ),

        last_seen as (select max(position) as position from seen group by {key} having bool_or(is_landed))

        select
            newest.began_at, newest.row_count, coalesce(newest.former_count, 0), newest.is_complete, newest.is_believed,
            (select list(distinct _batch_id) from {relation} where {POSITION} >= newest.position),
            (
                select count(*) from last_seen, believed
                where last_seen.position < newest.position
                    and (believed.position is null or last_seen.position >= believed.position)
            )
        from newest
    """
