"""The rows that a delivery is compared by: its own, a sample of accepted ones, and the earlier versions of its keys."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from cdp_orchestration.figures.watched import Watched, watched_values
from cdp_orchestration.home.sql_text import quoted
from cdp_orchestration.landing.storage.ledger import LedgerEntry
from cdp_orchestration.sources import Stream

SAMPLE_ROWS = 30_000
"""Of the delivery and of the accepted rows each: shares of so many are exact to less than a per cent."""

DELIVERED, ACCEPTED, EARLIER = "delivered_rows", "accepted_rows", "earlier_rows"


@dataclass(frozen=True)
class Samples:
    """Temporary tables of one stream, one row a key, with the watched values as ``v0``, ``v1``, … and ``row_key``.

    ``delivered_rows`` and ``accepted_rows`` have the newest version of each key, but ``delivered_rows`` none that is
    older than an accepted one; ``earlier_rows`` all accepted versions of the delivered keys, with their order (``age``,
    1 is the newest). ``content`` hashes what is neither key nor time.
    """

    values: Sequence[Watched]
    has_accepted: bool
    keys: "Keys"
    is_snapshot: bool

    def lives(self, rows: str = "") -> str:
        """Return the condition that a row is still one: what a deleted one lacks is no loss.

        Args:
            rows: the name of the relation with a dot, where there are several.
        """
        ended = [
            f"{rows}v{index} is distinct from '{value.ended_as}'"
            for index, value in enumerate(self.values)
            if value.kind == "ending"
        ]
        return " and ".join(ended) or "true"


@dataclass(frozen=True)
class Keys:
    """How many keys came before, and of those again; the usual share is the least of the last accepted batches."""

    before: int = 0
    returned: int = 0
    usual: float | None = None


@contextmanager
def samples_of(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    delivered: Sequence[LedgerEntry],
    *,
    accepted: Sequence[LedgerEntry],
) -> Iterator[Samples]:
    """Make the samples of a stream's delivery, and drop them at the end.

    Args:
        connection: the warehouse.
        stream: the stream.
        delivered: the batches of the delivery.
        accepted: those that count as history.

    Yields:
        What was sampled.
    """
    newest = _newest(accepted)
    _register(connection, "delivered_batches", delivered)
    _register(connection, "newest_batches", newest)
    _register(connection, "accepted_batches", accepted)
    try:
        _take_rows(connection, stream, "delivered_batches", DELIVERED, delivered)
        _take_rows(connection, stream, "newest_batches", ACCEPTED, newest)
        # Members of JSON fields are those that accepted rows have, so that a renamed one is missed.
        known = ACCEPTED if newest else DELIVERED
        values = watched_values(connection, stream, known)
        _project(connection, stream, values, DELIVERED)
        _project(connection, stream, values, ACCEPTED)
        _take_earlier(connection, stream, values)
        _leave_out_old_versions(connection)
        deleted = stream.mapping.deleted if stream.mapping else None
        is_snapshot = bool(deleted and deleted.absent_from_snapshot)
        yield Samples(values, bool(newest), _keys(connection, stream, accepted), is_snapshot)
    finally:
        for name in (DELIVERED, ACCEPTED, EARLIER):
            connection.execute(f"drop table if exists temp.{name}")
        for name in ("delivered_batches", "newest_batches", "accepted_batches"):
            connection.unregister(name)


def _newest(accepted: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Return the newest batches with enough rows for a sample."""
    found: list[LedgerEntry] = []
    rows = 0
    for entry in reversed(accepted):
        if rows >= SAMPLE_ROWS:
            break
        found.append(entry)
        rows += entry.row_count
    return found


def _register(connection: duckdb.DuckDBPyConnection, name: str, entries: Sequence[LedgerEntry]) -> None:
    ids = pa.array([entry.batch_id for entry in entries], pa.string())
    connection.register(name, pa.table({"batch_id": ids}))


def _take_rows(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    batches: str,
    name: str,
    entries: Sequence[LedgerEntry],
) -> None:
    rows = sum(entry.row_count for entry in entries)
    # A third more than needed, since several versions of a key count once.
    sample = f"using sample reservoir({SAMPLE_ROWS * 4 // 3} rows) repeatable (7)" if rows > 2 * SAMPLE_ROWS else ""
    connection.execute(
        f"create or replace temp table {name} as select * from "
        f"(select * from landing.{quoted(stream.table)} "
        f"where _batch_id in (select batch_id from {batches})) {sample}"
    )


def _project(connection: duckdb.DuckDBPyConnection, stream: Stream, values: Sequence[Watched], name: str) -> None:
    connection.execute(
        f"create or replace temp table {name} as "
        f"select {_columns(stream, values)} from {name} qualify {_age(stream)} = 1 limit {SAMPLE_ROWS}"
    )


def _take_earlier(connection: duckdb.DuckDBPyConnection, stream: Stream, values: Sequence[Watched]) -> None:
    connection.execute(
        f"create or replace temp table {EARLIER} as select {_columns(stream, values)}, {_age(stream)} as age from ("
        f"select * from landing.{quoted(stream.table)} "
        f"where _batch_id in (select batch_id from accepted_batches) "
        f"and {_row_key(stream)} in (select row_key from {DELIVERED}))"
    )


def _leave_out_old_versions(connection: duckdb.DuckDBPyConnection) -> None:
    # What accepted rows replace no reader sees: it was delivered late, or has been corrected since.
    connection.execute(
        f"delete from {DELIVERED} as delivered using {EARLIER} as earlier "
        "where delivered.row_key = earlier.row_key and earlier.age = 1 and (earlier.row_cursor > delivered.row_cursor "
        "or (earlier.row_cursor is not distinct from delivered.row_cursor and earlier.landed_at > delivered.landed_at))"
    )
    connection.execute(f"delete from {EARLIER} where row_key not in (select row_key from {DELIVERED})")


def _keys(connection: duckdb.DuckDBPyConnection, stream: Stream, accepted: Sequence[LedgerEntry]) -> Keys:
    if len(accepted) < 2:
        return Keys()
    part = max(1, sum(entry.row_count for entry in accepted) // SAMPLE_ROWS)
    positions = [(entry.batch_id, position) for position, entry in enumerate(accepted)]
    names = pa.table(dict(zip(("batch_id", "position"), map(list, zip(*positions, strict=True)), strict=True)))
    connection.register("batch_positions", names)
    rows = connection.execute(
        f"""
        with landed as (
            select {_row_key(stream)} as row_key, _batch_id as batch_id from landing.{quoted(stream.table)}
        ),
        keys as (
            select row_key, min(position) as first, list(distinct position) as seen
            from landed join batch_positions using (batch_id)
            where row_key % {part} = 0
            group by row_key
        ),
        delivered as (
            select distinct row_key from landed where batch_id in (select batch_id from delivered_batches)
        )

        select position, count(*) filter (where first < position),
            count(*) filter (
                where first < position and if(position = {len(accepted)}, delivered.row_key is not null,
                    list_contains(seen, position))
            )
        from keys
        cross join (select unnest(range({max(1, len(accepted) - 3)}, {len(accepted) + 1})) as position)
        left join delivered using (row_key)
        group by position
        order by position
        """
    ).fetchall()
    connection.unregister("batch_positions")
    *usual, (_, before, returned) = rows or [(0, 0, 0)]
    shares = [again / former for _, former, again in usual if former]
    return Keys(before, returned, min(shares, default=None))


def _columns(stream: Stream, values: Sequence[Watched]) -> str:
    cursor = f"{quoted(stream.cursor)} as row_cursor" if stream.cursor else "null as row_cursor"
    watched = [f"nullif(trim({value.sql}), '') as v{index}" for index, value in enumerate(values)]
    said = [quoted(field.name) for field in stream.fields if _is_content(stream, field.name)]
    content = f"hash({', '.join(said)})" if said else "null"
    return ", ".join(
        [f"{_row_key(stream)} as row_key", cursor, "_loaded_at as landed_at", f"{content} as content", *watched]
    )


def _is_content(stream: Stream, name: str) -> bool:
    types = {field.name: field.type for field in stream.fields}
    # Of a line the row to which it belongs is content, so that a copy under another number is one.
    return name in stream.key[:-1] or (name not in stream.required and types[name] != "timestamp")


def _row_key(stream: Stream) -> str:
    return f"hash({', '.join(quoted(name) for name in stream.key)})"


def _age(stream: Stream) -> str:
    key = ", ".join(quoted(name) for name in stream.key)
    order = f"{quoted(stream.cursor)} desc nulls last, " if stream.cursor else ""
    return f"row_number() over (partition by {key} order by {order}_loaded_at desc, _source_line desc)"
