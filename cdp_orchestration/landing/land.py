"""Land the files of a stream's folder: each new or changed file becomes one batch, each refusal a quarantine row."""

import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import duckdb

from cdp_orchestration.home.durable_files import remove_unfinished
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing.batches import land_file
from cdp_orchestration.landing.compaction import compact, remove_former_files
from cdp_orchestration.landing.erasure.facts_of_returned import erase_facts_of_returned
from cdp_orchestration.landing.inbox import Delivery, find_deliveries
from cdp_orchestration.landing.pauses import paused_sources
from cdp_orchestration.landing.raw_rows import arrow_engine
from cdp_orchestration.landing.refusals import RETRIED_REASONS
from cdp_orchestration.landing.small_files import SmallFiles, is_small
from cdp_orchestration.landing.storage.batch_ids import is_of_this_declaration
from cdp_orchestration.landing.storage.confirmed_snapshots import mark_confirmed
from cdp_orchestration.landing.storage.ledger import (
    LedgerEntry,
    create_ledger,
    read_ledger,
    record_entries,
    stored_files,
)
from cdp_orchestration.landing.storage.ledger_copy import append_entries
from cdp_orchestration.landing.storage.views import DeliveredKeys, create_landing_views, delivered_keys
from cdp_orchestration.landing.storage.withdrawn_deliveries import mark_withdrawn
from cdp_orchestration.sources import Stream

SECONDS_BETWEEN_RECORDS = 5.0
MAX_RECORDING_SHARE = 0.05  # of the time


@dataclass(frozen=True)
class LandedStream:
    """What one call of ``land_stream`` did; counts and reasons, no values.

    ``files_seen`` counts all deliveries, ``files_landed`` and ``files_refused`` those of this call, and
    ``files_still_refused`` those refused by an earlier call and unchanged since. ``refused_by_reason`` counts
    refused fields, rows and files (a row with two bad fields counts twice there and once in ``rows_refused``).
    ``values_refused`` counts values that their rows have landed without, such as an impossible date of birth.
    ``duplicate_key_rows`` counts rows of this call whose key had been delivered before, here or earlier: all have
    landed, staging picks the newest; ``keys`` says how many are new, changed or the same. ``refused_files`` has file
    and reason of each. ``rows_filled`` lacked empty values at their end. ``unread_columns`` has, for each file with
    headings that no field is read from while fields are missing, both lists.
    """

    stream: Stream
    files_seen: int = 0
    files_landed: int = 0
    files_refused: int = 0
    files_still_refused: int = 0
    rows_landed: int = 0
    rows_refused: int = 0
    values_refused: int = 0
    rows_filled: int = 0
    refused_by_reason: dict[str, int] = field(default_factory=dict)
    undeclared_columns: tuple[str, ...] = ()
    left_out_columns: tuple[str, ...] = ()
    unread_columns: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    duplicate_key_rows: int = 0
    keys: DeliveredKeys = field(default_factory=DeliveredKeys)
    refused_files: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0


def land_stream(
    stream: Stream, settings: Settings, *, again: Collection[str] = (), is_chosen: bool = True
) -> LandedStream:
    """Land all new and changed files of one stream and renew its view; the caller holds the writer's lock.

    May be killed at any point and called again: what has landed stays, what was in progress is repeated with the same
    result. A file or row that breaks the contract raises nothing: it goes to the quarantine and is counted. Of a paused
    source nothing lands.

    Args:
        stream: the stream.
        settings: the home.
        again: files that land again although they have not changed.
        is_chosen: whether its files are read; otherwise it stays as it is, as that of a paused source does.

    Returns:
        Counts and reasons of this call.
    """
    started = time.perf_counter()
    for folder in (settings.landing, settings.quarantine):
        remove_unfinished(folder / stream.source / stream.name)
    is_read = is_chosen and stream.source not in paused_sources(settings)
    deliveries = find_deliveries(stream, settings) if is_read else []
    with open_warehouse(settings.warehouse) as connection:
        create_ledger(connection)
        remove_former_files(connection, settings)
        entries = [entry for entry in read_ledger(connection, stream) if entry.source_file not in again]
        known = latest_versions(entries, settings)
        undone = [delivery for delivery in deliveries if not is_done(delivery, known.get(delivery.source_file), stream)]
        if not undone:  # to open the warehouse a second time would take longer than all else
            _record(connection, [], stream, settings)
    new, keys = _land_and_record(undone, known, stream, settings) if undone else ([], DeliveredKeys())
    erase_facts_of_returned(settings)
    still_refused = _still_refused(deliveries, known, new)
    return _summary(stream, len(deliveries), new, still_refused, keys, time.perf_counter() - started)


def _land_and_record(
    undone: Sequence[Delivery], known: dict[str, LedgerEntry], stream: Stream, settings: Settings
) -> tuple[list[LedgerEntry], DeliveredKeys]:
    """Land files; return the new entries, and what of their keys had been delivered before."""
    new, unrecorded = _land_files(undone, known, stream, settings)
    with open_warehouse(settings.warehouse) as connection:
        _record(connection, unrecorded, stream, settings)
        landed = [entry for entry in new if entry.is_landed]
        keys = delivered_keys(connection, stream, landed) if landed else DeliveredKeys()
        if new:
            compact(connection, stream, settings)
    return new, keys


def latest_versions(entries: Sequence[LedgerEntry], settings: Settings) -> dict[str, LedgerEntry]:
    """Return the newest version per file; one whose rows or refusals are missing on disk counts as never landed."""
    latest = {entry.source_file: entry for entry in entries}
    stored = {source_file: stored_files(settings, entry) for source_file, entry in latest.items()}
    exists = {path: path.exists() for paths in stored.values() for path in paths}
    return {
        source_file: entry for source_file, entry in latest.items() if all(exists[path] for path in stored[source_file])
    }


def is_done(delivery: Delivery, latest: LedgerEntry | None, stream: Stream) -> bool:
    """Return whether a file is in the ledger as it is, and not to be tried again."""
    if latest is None or latest.reason in RETRIED_REASONS or not is_of_this_declaration(latest, stream):
        return False
    return (latest.size_bytes, latest.modified_ns) == (delivery.size_bytes, delivery.modified_ns)


def _land_files(
    deliveries: Sequence[Delivery], known: dict[str, LedgerEntry], stream: Stream, settings: Settings
) -> tuple[list[LedgerEntry], list[LedgerEntry]]:
    """Land each file; return the new entries (landed or refused), and those not recorded yet."""
    new: list[LedgerEntry] = []
    pending: list[LedgerEntry] = []
    next_record_at = time.monotonic() + SECONDS_BETWEEN_RECORDS
    newest = max((entry.loaded_at for entry in known.values()), default=datetime.min)  # noqa: DTZ901
    with arrow_engine() as engine:
        small = SmallFiles(stream, settings, engine)
        for delivery in [*deliveries, None]:
            # A clock set back must not make this version older than the one that it replaces.
            newest = max(datetime.now(UTC).replace(tzinfo=None), newest + timedelta(microseconds=1))
            entries = _land_next(delivery, known, newest, stream, settings, engine, small)
            is_due = time.monotonic() > next_record_at
            if small.is_full or is_due or delivery is None:
                entries += small.land(newest)
            for entry in entries:
                if is_new := _is_new(entry, known.get(entry.source_file)):
                    new.append(entry)
                if entry.is_landed or is_new:
                    pending.append(entry)
            if is_due:
                began_at = time.monotonic()
                with open_warehouse(settings.warehouse) as connection:
                    _record(connection, pending, stream, settings)
                pending, took = [], time.monotonic() - began_at
                # The views of a long ledger take long to renew: they get a small share of the time.
                next_record_at = time.monotonic() + max(SECONDS_BETWEEN_RECORDS, took / MAX_RECORDING_SHARE)
    return new, pending


def _land_next(
    delivery: Delivery | None,
    known: dict[str, LedgerEntry],
    loaded_at: datetime,
    stream: Stream,
    settings: Settings,
    engine: duckdb.DuckDBPyConnection,
    small: SmallFiles,
) -> list[LedgerEntry]:
    """Land a file, or let it wait among the small ones."""
    if delivery is None:
        return []
    latest = known.get(delivery.source_file)
    if is_small(delivery):
        entry = small.add(delivery, latest)
        return [entry] if entry else []
    return [land_file(delivery, latest, loaded_at, stream=stream, settings=settings, engine=engine)]


def _record(
    connection: duckdb.DuckDBPyConnection, entries: Sequence[LedgerEntry], stream: Stream, settings: Settings
) -> None:
    # In one transaction, so that a table that is read never holds less than the ledger says has landed.
    connection.begin()
    append_entries(connection, settings, entries)
    record_entries(connection, entries)
    mark_withdrawn(connection, stream, settings)
    mark_confirmed(connection, stream, settings)
    create_landing_views(connection, settings, [stream])
    connection.commit()


def _is_new(entry: LedgerEntry, latest: LedgerEntry | None) -> bool:
    return latest is None or entry.batch_id != latest.batch_id


def _still_refused(
    deliveries: Sequence[Delivery], known: dict[str, LedgerEntry], new: Sequence[LedgerEntry]
) -> list[LedgerEntry]:
    renewed = {entry.source_file for entry in new}
    return [
        known[delivery.source_file]
        for delivery in deliveries
        if delivery.source_file in known
        and delivery.source_file not in renewed
        and known[delivery.source_file].status == "refused"
    ]


def _summary(
    stream: Stream,
    files_seen: int,
    new: Sequence[LedgerEntry],
    still_refused: Sequence[LedgerEntry],
    keys: DeliveredKeys,
    seconds: float,
) -> LandedStream:
    reasons = sum((Counter(entry.refused_by_reason) for entry in new), Counter[str]())
    refused = [entry for entry in new if entry.status == "refused"]
    return LandedStream(
        stream=stream,
        files_seen=files_seen,
        files_landed=len(new) - len(refused),
        files_refused=len(refused),
        files_still_refused=len(still_refused),
        rows_landed=sum(entry.row_count for entry in new),
        rows_refused=sum(entry.refused_row_count for entry in new),
        values_refused=sum(entry.refused_value_count for entry in new),
        refused_by_reason=dict(sorted(reasons.items())),
        undeclared_columns=tuple(sorted({name for entry in new for name in entry.undeclared_columns})),
        left_out_columns=tuple(sorted({name for entry in new for name in entry.left_out_columns})),
        rows_filled=sum(entry.filled_row_count for entry in new),
        unread_columns={entry.source_file: entry.unread_columns for entry in new if entry.unread_columns},
        duplicate_key_rows=sum(entry.row_count for entry in new if entry.is_landed) - keys.new,
        keys=keys,
        refused_files=tuple(sorted((entry.source_file, entry.reason or "") for entry in [*refused, *still_refused])),
        seconds=seconds,
    )
