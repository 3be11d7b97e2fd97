"""``operations.landing_batches``: one row per delivered version of a file, landed or refused.

A batch exists once its row is here; a Parquet file without a row is a leftover of a killed run. Many small batches
stand in one Parquet file, whose name their rows have in ``stored_in``.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.home.warehouse import has_table
from cdp_orchestration.sources import Stream, declared_streams
from cdp_orchestration.sources.snapshots import CONFIRMED, ERASED_ROWS

Status = Literal["landed", "refused", "withdrawn"]
Content = tuple[str, str | None]
"""What a delivery is known by: its path below the folder of the stream, and the SHA-256 of its bytes."""

_COLUMNS = {
    "batch_id": "varchar",
    "source": "varchar",
    "stream": "varchar",
    "source_file": "varchar",
    "size_bytes": "bigint",
    "modified_ns": "bigint",
    "sha256": "varchar",
    "status": "varchar",
    "reason": "varchar",
    "row_count": "bigint",
    "refused_row_count": "bigint",
    "refused_value_count": "bigint",
    "refused_by_reason": "varchar",
    "undeclared_columns": "varchar[]",
    "missing_columns": "varchar[]",
    "left_out_columns": "varchar[]",
    "corrected_times": "struct(field varchar, rule varchar, row_count bigint)[]",
    "loaded_at": "timestamp",
    "stored_in": "varchar",
    "filled_row_count": "bigint",
}

_ARROW_TYPES = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "timestamp": pa.timestamp("us"),
    "varchar[]": pa.list_(pa.string()),
    _COLUMNS["corrected_times"]: pa.list_(
        pa.struct([("field", pa.string()), ("rule", pa.string()), ("row_count", pa.int64())])
    ),
}
_ARROW_SCHEMA = pa.schema([(name, _ARROW_TYPES[kind]) for name, kind in _COLUMNS.items()])


@dataclass(frozen=True)
class LedgerEntry:
    """One delivered version of one file; ``refused_by_reason`` counts refusals, of which a row may have several.

    ``refused_value_count`` counts refused values whose rows have landed without them. ``undeclared_columns`` are stored
    but not read, ``left_out_columns`` not stored; ``missing_columns`` are declared, and the file's header lacks them.
    ``corrected_times`` has field, rule and number of rows of the times that were corrected (``clocks``). ``stored_in``
    names the files which the batch shares with others; without it they have its own name. ``filled_row_count`` counts
    rows that lacked empty values at their end.
    """

    batch_id: str
    source: str
    stream: str
    source_file: str
    size_bytes: int
    modified_ns: int
    sha256: str | None
    status: Status
    loaded_at: datetime
    reason: str | None = None
    row_count: int = 0
    refused_row_count: int = 0
    refused_value_count: int = 0
    refused_by_reason: dict[str, int] = field(default_factory=dict)
    undeclared_columns: list[str] = field(default_factory=list)
    missing_columns: list[str] = field(default_factory=list)
    left_out_columns: list[str] = field(default_factory=list)
    corrected_times: list[dict[str, Any]] = field(default_factory=list)
    stored_in: str | None = None
    filled_row_count: int = 0

    @property
    def content(self) -> Content:
        """What the delivery is known by, however often it lands."""
        return self.source_file, self.sha256

    @property
    def is_landed(self) -> bool:
        """Whether the file's good rows are in a batch."""
        return self.status == "landed"

    @property
    def unread_columns(self) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """The headings that no field is read from and the declared fields that are missing, where there are both."""
        if not self.undeclared_columns or not self.missing_columns:
            return None
        return tuple(self.undeclared_columns), tuple(self.missing_columns)

    @property
    def has_refusals(self) -> bool:
        """Whether the file, or some of its rows or values, are in the quarantine."""
        return self.status != "withdrawn" and self.holds_refusals

    @property
    def holds_refusals(self) -> bool:
        """Whether the quarantine file of the batch has rows, also of a delivery that was taken back."""
        return self.status == "refused" or self.refused_row_count + self.refused_value_count > 0


def batch_path(settings: Settings, entry: LedgerEntry) -> Path:
    """Return the path of the batch's rows, among which may be those of other batches."""
    return settings.landing / entry.source / entry.stream / f"{entry.stored_in or entry.batch_id}.parquet"


def quarantine_path(settings: Settings, entry: LedgerEntry) -> Path:
    """Return the path of the batch's refusals, whether it has any or not, among which may be those of other batches."""
    return settings.quarantine / entry.source / entry.stream / f"{entry.stored_in or entry.batch_id}.parquet"


def stored_files(settings: Settings, entry: LedgerEntry) -> list[Path]:
    """Return the files that hold what counts of a batch: its rows, its refusals, both or none."""
    files = [batch_path(settings, entry)] if entry.is_landed else []
    return [*files, quarantine_path(settings, entry)] if entry.has_refusals else files


def create_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``operations.landing_batches``, and the tables of what was confirmed and erased, where missing."""
    columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    connection.execute("create schema if not exists operations")
    connection.execute(f"create table if not exists operations.landing_batches ({columns})")
    # A ledger of an earlier version of the platform lacks the newer columns.
    for name in ("missing_columns", "left_out_columns", "corrected_times"):
        kind = f"{_COLUMNS[name]} default []"
        connection.execute(f"alter table operations.landing_batches add column if not exists {name} {kind}")
    for column in ("stored_in varchar", "arrived_at timestamp", "filled_row_count bigint default 0"):
        connection.execute(f"alter table operations.landing_batches add column if not exists {column}")
    connection.execute(f"create table if not exists {CONFIRMED} (source varchar, stream varchar, batch_id varchar)")
    connection.execute(f"create table if not exists {ERASED_ROWS} (source varchar, stream varchar, request varchar)")


def read_ledger(connection: duckdb.DuckDBPyConnection, stream: Stream | None = None) -> list[LedgerEntry]:
    """Return all entries, or those of one stream, oldest first."""
    condition, values = ("where source = ? and stream = ?", [stream.source, stream.name]) if stream else ("", [])
    rows = connection.execute(
        f"select {', '.join(_COLUMNS)} from operations.landing_batches {condition} order by loaded_at, batch_id",
        values,
    ).fetchall()
    return _entries(rows)


def latest_rows(stream: Stream) -> str:
    """Return SQL for the rows of the ledger that say what counts of a stream: the newest version of each file."""
    return (
        f"select * from operations.landing_batches where source = {text_literal(stream.source)} "
        f"and stream = {text_literal(stream.name)} "
        "qualify row_number() over (partition by source_file order by loaded_at desc, batch_id) = 1"
    )


def read_latest(connection: duckdb.DuckDBPyConnection, stream: Stream) -> list[LedgerEntry]:
    """Return the newest version of each file of a stream, oldest first: a corrected file ends its warnings."""
    rows = connection.execute(
        f"select {', '.join(_COLUMNS)} from ({latest_rows(stream)}) order by loaded_at, batch_id"
    ).fetchall()
    return _entries(rows)


def _entries(rows: Iterable[tuple[Any, ...]]) -> list[LedgerEntry]:
    records = (dict(zip(_COLUMNS, row, strict=True)) for row in rows)
    return [LedgerEntry(**each | {"refused_by_reason": json.loads(each["refused_by_reason"])}) for each in records]


def record_entries(connection: duckdb.DuckDBPyConnection, entries: Iterable[LedgerEntry]) -> None:
    """Write entries; an entry replaces the one of the same batch, and arrived when that did.

    The caller holds the transaction.
    """
    records = [
        {**vars(entry), "refused_by_reason": json.dumps(entry.refused_by_reason, sort_keys=True)} for entry in entries
    ]
    if not records:
        return
    # One statement for all of them: a statement an entry would take longer than all else that a small file costs.
    connection.register("new_entries", pa.Table.from_pylist(records, schema=_ARROW_SCHEMA))
    former = connection.execute(_FORMER_ARRIVALS).to_arrow_table()
    connection.execute("delete from operations.landing_batches where batch_id in (select batch_id from new_entries)")
    connection.register("former_entries", former)
    names = ", ".join(_COLUMNS)
    connection.execute(
        f"insert into operations.landing_batches ({names}, arrived_at) "
        f"select {names}, arrived_at from new_entries left join former_entries using (batch_id)"
    )
    for name in ("new_entries", "former_entries"):
        connection.unregister(name)


def stream_states(connection: duckdb.DuckDBPyConnection, *, with_refused: bool = False) -> dict[str, str]:
    """Return for each stream a hash of what has landed: the content of each version of each file, and the latest.

    Args:
        connection: the warehouse; one that only reads will do.
        with_refused: whether files that were refused as a whole count as well, as they do for the gate of the stream.

    Returns:
        The state of each stream by its table. It does not depend on when and in how many runs the files landed.
    """
    versions: dict[str, list[tuple[str, bool]]] = {stream.table: [] for stream in declared_streams()}
    if has_table(connection, "operations", "landing_batches"):
        statuses = ["landed", "refused"] if with_refused else ["landed"]
        for source, stream, batch_id, is_latest in connection.execute(_VERSIONS, [statuses]).fetchall():
            versions.setdefault(f"{source}_{stream}", []).append((batch_id, is_latest))
    if has_table(connection, *CONFIRMED.split(".")):
        for source, stream, batch_id in connection.execute(f"select * from {CONFIRMED} order by all").fetchall():
            versions.setdefault(f"{source}_{stream}", []).append((f"confirmed {batch_id}", True))
    if has_table(connection, *ERASED_ROWS.split(".")):
        erased = connection.execute(f"select distinct * from {ERASED_ROWS} order by all").fetchall()
        for source, stream, request in erased:
            versions.setdefault(f"{source}_{stream}", []).append((f"erased {request}", True))
    return {table: hashlib.sha256(repr(found).encode()).hexdigest()[:32] for table, found in versions.items()}


_FORMER_ARRIVALS = """
select batch_id, min(coalesce(arrived_at, loaded_at)) as arrived_at
from operations.landing_batches
where batch_id in (select batch_id from new_entries)
group by all
"""
# The id of a batch follows from the path and the content of its file.
_VERSIONS = """
select source, stream, batch_id,
    row_number() over (
        partition by source, stream, source_file order by loaded_at desc, batch_id
    ) = 1 as is_latest
from operations.landing_batches
where status in (select unnest(?))
order by all
"""
