"""Deliveries that a person took back: their rows count no more, as if the files had never come.

Which ones is a decision of people, so it stands in a file of the home beside the other decisions; the status of their
batches in the ledger follows from it. The batches stay on the disk, and a delivery can be taken up again.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

import duckdb

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.audit import record
from cdp_orchestration.home.durable_files import write_json
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing.storage.ledger import LedgerEntry, create_ledger, read_ledger
from cdp_orchestration.landing.storage.views import create_landing_views
from cdp_orchestration.sources import Stream

MAX_NAMED_FILES = 5


class NoSuchDeliveryError(CdpError):
    """The stream has no landed file of the name that was given."""


@dataclass(frozen=True)
class WithdrawnDelivery:
    """One version of a file that was taken back, known by its content: another content lands."""

    source: str
    stream: str
    source_file: str
    sha256: str
    withdrawn_at: str
    withdrawn_by: str
    why: str | None = None


def withdrawn_deliveries(settings: Settings) -> list[WithdrawnDelivery]:
    """Return the deliveries of a home that were taken back, oldest first."""
    if not settings.withdrawn_deliveries.exists():
        return []
    found = json.loads(settings.withdrawn_deliveries.read_text(encoding="utf-8"))
    return [WithdrawnDelivery(**each) for each in found["deliveries"]]


def withdraw_delivery(stream: Stream, source_file: str, settings: Settings, *, by: str, why: str | None = None) -> int:
    """Take back every landed version of a file; the caller holds the writer's lock.

    Args:
        stream: the stream.
        source_file: the file's path below the stream's folder, whether it still lies in the inbox or not.
        settings: the home.
        by: who takes it back.
        why: what to keep of the reason.

    Returns:
        The number of rows that no longer count. A file that was taken back before has none.

    Raises:
        NoSuchDeliveryError: nothing of such a file has landed.
    """
    entries = _entries_of(stream, settings)
    versions = [entry for entry in entries if entry.source_file == source_file and entry.sha256]
    if not versions:
        raise NoSuchDeliveryError(_unknown(stream, source_file, entries))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    kept = withdrawn_deliveries(settings)
    known = {(each.source, each.stream, each.source_file, each.sha256) for each in kept}
    hashes = dict.fromkeys(str(entry.sha256) for entry in versions)
    for sha256 in hashes:
        if (stream.source, stream.name, source_file, sha256) not in known:
            kept.append(WithdrawnDelivery(stream.source, stream.name, source_file, sha256, now, by, why))
    _write(kept, settings)
    record(settings.audit, "withdraw delivery", f"{stream.source}/{stream.name}", by=by, why=why or "")
    _follow(stream, settings)
    return sum(entry.row_count for entry in versions if entry.is_landed)


def take_up_delivery(stream: Stream, source_file: str, settings: Settings) -> bool:
    """Let a delivery that was taken back count again; the caller holds the writer's lock.

    Returns:
        Whether it had been taken back.
    """
    kept = withdrawn_deliveries(settings)
    place = (stream.source, stream.name, source_file)
    left = [each for each in kept if (each.source, each.stream, each.source_file) != place]
    _write(left, settings)
    _follow(stream, settings)
    return len(left) < len(kept)


def mark_withdrawn(connection: duckdb.DuckDBPyConnection, stream: Stream, settings: Settings) -> None:
    """Give the batches of the ledger the status that follows from what was taken back."""
    of_stream = [
        [each.source_file, each.sha256]
        for each in withdrawn_deliveries(settings)
        if (each.source, each.stream) == (stream.source, stream.name)
    ]
    connection.execute(
        """
        update operations.landing_batches
        set status = if(list_contains($versions, [source_file, sha256]), 'withdrawn', 'landed')
        where
            source = $source and stream = $stream and status in ('landed', 'withdrawn')
            and (status = 'withdrawn') <> list_contains($versions, [source_file, sha256])
        """,
        {"versions": of_stream or [["", ""]], "source": stream.source, "stream": stream.name},
    )


def _entries_of(stream: Stream, settings: Settings) -> list[LedgerEntry]:
    with open_warehouse(settings.warehouse) as connection:
        create_ledger(connection)
        return read_ledger(connection, stream)


def _follow(stream: Stream, settings: Settings) -> None:
    with open_warehouse(settings.warehouse) as connection:
        connection.begin()
        create_ledger(connection)
        mark_withdrawn(connection, stream, settings)
        create_landing_views(connection, settings, [stream])
        connection.commit()


def _write(deliveries: Sequence[WithdrawnDelivery], settings: Settings) -> None:
    write_json(settings.withdrawn_deliveries, {"deliveries": [asdict(each) for each in deliveries]})


def _unknown(stream: Stream, source_file: str, entries: Sequence[LedgerEntry]) -> str:
    landed = list(dict.fromkeys(entry.source_file for entry in reversed(entries) if entry.sha256))
    near = get_close_matches(source_file, landed, n=1) or landed[:MAX_NAMED_FILES]
    expected = f"expected a landed file such as {', '.join(near)}" if near else "nothing of the stream has landed"
    return f"{stream.source}/{stream.name} has no landed file {source_file}; {expected}."
