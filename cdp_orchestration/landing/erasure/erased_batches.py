"""Erase people from what has landed: batches and refusals are written again without them.

Each file is written in one step, so that a kill leaves it as it was or as it is to be; done again, the rest follows.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdp_orchestration.home.durable_parquet import DurableParquet
from cdp_orchestration.home.keyed_hashes import create_keyed_hash
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing.erasure.erased_people import suppression_key
from cdp_orchestration.landing.erasure.erased_rows import without_person
from cdp_orchestration.landing.erasure.erased_texts import note_texts
from cdp_orchestration.landing.erasure.erasure import Erasure, register_names, without_values
from cdp_orchestration.landing.erasure.named_people import named_people, personal_data_of
from cdp_orchestration.landing.raw_rows import arrow_engine
from cdp_orchestration.landing.storage.ledger import LedgerEntry, batch_path, create_ledger, read_ledger, record_entries
from cdp_orchestration.landing.storage.ledger_copy import append_entries
from cdp_orchestration.landing.storage.quarantine import quarantine_schema
from cdp_orchestration.landing.storage.stored_hashes import note_written
from cdp_orchestration.landing.storage.views import create_landing_views
from cdp_orchestration.sources import Stream, declared_streams
from cdp_orchestration.sources.snapshots import ERASED_ROWS

ROWS_AT_A_TIME = 100_000
_OWN_TEXTS = ("_batch_id", "_source_file", "_row_hash")


@dataclass(frozen=True)
class ErasedRows:
    """What changed in one stream.

    Attributes:
        stream: the stream.
        people: how many rows that were people are gone.
        facts: how many facts have lost their person.
        texts: how many other rows had a value of the people in a text.
        refusals: how many refused rows have lost their text.
    """

    stream: Stream
    people: int = 0
    facts: int = 0
    texts: int = 0
    refusals: int = 0

    @property
    def row_count(self) -> int:
        """How many rows changed or are gone."""
        return self.people + self.facts + self.texts + self.refusals


def erase_from_landing(settings: Settings, erasure: Erasure) -> list[ErasedRows]:
    """Write all batches and refusals that hold the people again without them; the caller holds the writer's lock.

    Args:
        settings: the home.
        erasure: the people.

    Returns:
        What changed in each stream, also where nothing did.
    """
    with open_warehouse(settings.warehouse) as connection:
        create_ledger(connection)
        return [_erase_stream(connection, stream, settings, erasure) for stream in declared_streams(settings)]


def _erase_stream(
    connection: duckdb.DuckDBPyConnection, stream: Stream, settings: Settings, erasure: Erasure
) -> ErasedRows:
    entries = read_ledger(connection, stream)
    found, left = Counter[str](), Counter[str]()
    with arrow_engine() as engine:
        mark = partial(note_changed, connection, stream, erasure.request_id)
        note = partial(note_texts, settings, stream, erasure=erasure)
        create_keyed_hash(engine, suppression_key(settings))
        register_names(engine, erasure.names)
        # A withdrawn delivery can be taken up again
        stored = {batch_path(settings, each): each for each in entries if each.status != "refused"}
        for path in sorted(path for path in stored if path.exists()):
            changed = _erase_file(path, stream, erasure, engine, left, mark, note)
            found += changed
            if changed:
                note_written(settings, path, max(e.loaded_at for e in entries if batch_path(settings, e) == path))
    refusals = sum(
        _erase_refusals(path, settings, erasure) for path in sorted(_quarantine(settings, stream).glob("*.parquet"))
    )
    _note(connection, stream, settings, entries, left)
    return ErasedRows(stream, found["people"], found["facts"], found["texts"], refusals)


def _erase_file(
    path: Path,
    stream: Stream,
    erasure: Erasure,
    engine: duckdb.DuckDBPyConnection,
    left: Counter[str],
    mark: Callable[[], None],
    note: Callable[[pa.Table], None],
) -> Counter[str]:
    """Write one file again where it holds the people; count what changed, and what is left of each batch."""
    changed = Counter[str]()
    with pq.ParquetFile(path) as stored, DurableParquet(path, stored.schema_arrow) as written:
        for part in _parts(stored):
            kept, found, has_text = _without(part, stream, erasure, engine)
            changed += found
            if found["texts"]:
                note(kept.filter(has_text))
            left.update(kept["_batch_id"].to_pylist())
            written.write(kept)
        if changed:
            mark()
            written.publish()
    return changed


def note_changed(connection: duckdb.DuckDBPyConnection, stream: Stream, request_id: str) -> None:
    """Let what is built from the stream be built again: before its first file changes, so that no kill leaves it."""
    mark = [stream.source, stream.name, request_id]
    connection.execute(f"delete from {ERASED_ROWS} where (source, stream, request) = (?, ?, ?)", mark)
    connection.execute(f"insert into {ERASED_ROWS} values (?, ?, ?)", mark)


def _parts(stored: pq.ParquetFile) -> Iterator[pa.Table]:
    for batch in stored.iter_batches(ROWS_AT_A_TIME):
        yield pa.Table.from_batches([batch])


def _without(
    rows: pa.Table, stream: Stream, erasure: Erasure, engine: duckdb.DuckDBPyConnection
) -> tuple[pa.Table, Counter[str], pa.Array]:
    """Return rows without the people, how many changed, and which are of others and had a value in a text."""
    found = Counter[str]()
    is_erased = _is_named(rows, stream, engine)
    if personal_data_of(stream).are_people:
        kept = rows.filter(pc.invert(is_erased))
        found["people"] = rows.num_rows - kept.num_rows
        is_erased = pa.repeat(False, kept.num_rows)
    else:
        kept = without_person(rows, is_erased, stream, engine)
        # Done again, a fact that has lost its person already is none that changes
        is_erased = is_erased if kept != rows else pa.repeat(False, rows.num_rows)
        found["facts"] = pc.sum(is_erased).as_py() or 0
    kept, has_text = without_values(kept, erasure, {*_OWN_TEXTS, *stream.key})
    has_text = pc.and_not(has_text, is_erased)
    found["texts"] = pc.sum(has_text).as_py() or 0
    return kept, +found, has_text


def _is_named(rows: pa.Table, stream: Stream, engine: duckdb.DuckDBPyConnection) -> pa.ChunkedArray | pa.Array:
    """Return which rows name one of the people."""
    named = named_people(stream)
    if named is None or not rows.num_rows:
        return pa.repeat(False, rows.num_rows)
    engine.register("stored", rows.append_column("_place", pa.array(range(rows.num_rows))))
    places = engine.execute(
        f"select distinct _place from (select _place, unnest({named}) as named from stored) "
        "where (named.kind, named.value) in (select (kind, value) from names)"
    ).to_arrow_table()["_place"]
    engine.unregister("stored")
    return pc.is_in(pa.array(range(rows.num_rows)), value_set=places.combine_chunks())


def _quarantine(settings: Settings, stream: Stream) -> Path:
    return settings.quarantine / stream.source / stream.name


def _erase_refusals(path: Path, settings: Settings, erasure: Erasure) -> int:
    """Take the text of a refused row away where it holds a value of the people; return of how many rows."""
    rows = pq.read_table(path, schema=quarantine_schema())
    is_hit = pc.fill_null(pc.match_substring_regex(rows["raw_row"], erasure.pattern), False)
    emptied = pc.if_else(is_hit, pa.nulls(rows.num_rows, pa.string()), rows["raw_row"])
    rows = rows.set_column(rows.column_names.index("raw_row"), "raw_row", emptied)
    # The message about a file without a heading repeats its first line
    rows, has_text = without_values(rows, erasure, ("source", "stream", "source_file", "batch_id"))
    count = int(pc.sum(pc.or_(is_hit, has_text)).as_py() or 0)
    if count:
        with DurableParquet(path, quarantine_schema()) as written:
            written.write(rows)
            written.publish()
        note_written(settings, path, pc.max(rows["refused_at"]).as_py())
    return count


def _note(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    settings: Settings,
    entries: Sequence[LedgerEntry],
    left: Counter[str],
) -> None:
    """Let the ledger say what is left of each batch."""
    smaller = [
        replace(each, row_count=left[each.batch_id])
        for each in entries
        if each.status != "refused" and left[each.batch_id] < each.row_count and batch_path(settings, each).exists()
    ]
    connection.begin()
    append_entries(connection, settings, smaller)
    record_entries(connection, smaller)
    create_landing_views(connection, settings, [stream])
    connection.commit()
