"""The common shape of the rows that every format's reader yields: as delivered, before types are checked."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from cdp_orchestration.home.interrupted_queries import ending_with_signals
from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.landing.refusals import RefusedRow
from cdp_orchestration.sources import DUCKDB_TYPES, Stream

SOURCE_LINE = "_source_line"
EXTRA = "_extra"
CORRECTED_TIMES = "_corrected_times"
_USUAL_DECAY_MS = 1000  # after so long Arrow's allocator gives back what is not used
PART_ROWS = 8192  # of a table that the engine computes on


@dataclass(frozen=True)
class OpenEnd:
    """The last line of a text that does not end with a line feed, and the last column: there it may be cut off."""

    line: int
    column: str | None = None


@dataclass(frozen=True)
class RawRows:
    """Rows of one file.

    ``table`` has every declared field of the stream as text (null where not delivered), in declared order, then
    ``_source_line`` (bigint) and ``_extra`` (a JSON object of the ``undeclared`` columns, or null). ``missing`` are
    declared fields that a header lacks, ``left_out`` columns of bytes that are not stored. ``is_from_json``: each
    document is valid, because it was a part of one. ``is_looked_through``: no document has anything of
    ``plain_documents.odd_parts``. ``filled_count`` counts rows that lacked empty values at their end.
    """

    table: pa.Table
    refused: list[RefusedRow]
    undeclared: frozenset[str]
    missing: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    has_decimal_comma: bool = False
    open_end: OpenEnd | None = None
    is_from_json: bool = False
    is_looked_through: bool = False
    filled_count: int = 0


def landed_types(stream: Stream) -> dict[str, str]:
    """Return the columns of a batch and of ``landing.<table>`` with their DuckDB types, in order."""
    return {
        **{field.name: DUCKDB_TYPES[field.type] for field in stream.fields},
        "_batch_id": "varchar",
        "_loaded_at": "timestamp",
        "_source_file": "varchar",
        SOURCE_LINE: "bigint",
        "_row_hash": "varchar",
        CORRECTED_TIMES: "varchar",
        EXTRA: "varchar",
    }


@contextmanager
def arrow_engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a private database in memory that computes on Arrow tables, in UTC."""
    with _memory_held(), duckdb.connect(":memory:") as engine, ending_with_signals(engine):
        set_up(engine)
        yield engine


@contextmanager
def _memory_held() -> Iterator[None]:
    """Let Arrow hold the memory that it has until the end, where its allocator can."""
    # Arrow's usual allocator asks for huge pages and gives them back with each block, a third of all that landing
    # takes; the other one gives back what it did not use for a second, and gets it anew for the next block.
    if "jemalloc" not in pa.supported_memory_backends():
        yield
        return
    pa.set_memory_pool(pa.jemalloc_memory_pool())
    pa.jemalloc_set_decay_ms(-1)
    try:
        yield
    finally:
        pa.jemalloc_set_decay_ms(_USUAL_DECAY_MS)  # for what comes after landing in the same process
        pa.default_memory_pool().release_unused()


def set_up(engine: duckdb.DuckDBPyConnection) -> None:
    """Set what each connection to such a database has for itself."""
    engine.execute("set timezone = 'UTC'")
    engine.execute("set enable_progress_bar = false")


def answer(engine: duckdb.DuckDBPyConnection, query: str, row_count: int) -> pa.Table:
    """Return what a query on so many rows finds: on many by all processors, on few with one look at the query."""
    # What "execute" gives is made by one processor, "sql" plans the query twice: a third of the time of few rows.
    ask = engine.execute if row_count <= PART_ROWS else engine.sql
    return ask(query).to_arrow_table()


def in_parts(table: pa.Table) -> pa.Table:
    """Return the same rows in parts of which each processor can take one."""
    return pa.Table.from_batches(table.to_batches(max_chunksize=PART_ROWS), table.schema)


def raw_table(stream: Stream, columns: dict[str, pa.Array], lines: Sequence[int], extra: pa.Array | None) -> pa.Table:
    """Build ``RawRows.table`` from the declared text columns that were delivered."""
    absent = pa.nulls(len(lines), pa.string())
    arrays = [columns.get(field.name, absent) for field in stream.fields]
    arrays += [pa.array(_counted(lines), pa.int64()), absent if extra is None else extra]
    return pa.table(arrays, names=[*(field.name for field in stream.fields), SOURCE_LINE, EXTRA])


def _counted(lines: Sequence[int]) -> Any:
    return np.arange(lines.start, lines.stop) if isinstance(lines, range) else lines


def as_raw_rows(
    engine: duckdb.DuckDBPyConnection,
    table: pa.Table,
    names: Sequence[str],
    lines: Sequence[int],
    refused: list[RefusedRow],
    stream: Stream,
) -> RawRows:
    """Build ``RawRows`` from a table of any types; undeclared columns keep their type in the JSON of ``_extra``.

    Args:
        engine: a database in memory that computes on Arrow tables.
        table: the rows.
        names: the vendor's names of the columns, in their order.
        lines: the line of each row in the file.
        refused: what the reader has refused of these rows already.
        stream: the stream that declares the fields.

    Returns:
        The rows with every declared field as text.
    """
    # DuckDB does not distinguish "Id" from "ID", the contract does: columns are addressed by position.
    table = table.rename_columns([f"column_{index}" for index in range(len(names))])
    positions = dict(zip(names, table.column_names, strict=True))
    declared = {field.name: positions[field.name] for field in stream.fields if field.name in positions}
    undeclared = {name: position for name, position in positions.items() if name not in declared}
    columns, extra = _as_text(engine, table, declared, undeclared)
    missing = frozenset(field.name for field in stream.fields) - set(names)
    return RawRows(raw_table(stream, columns, lines, extra), refused, frozenset(undeclared), missing)


def _as_text(
    engine: duckdb.DuckDBPyConnection, table: pa.Table, declared: dict[str, str], undeclared: dict[str, str]
) -> tuple[dict[str, pa.Array], pa.Array | None]:
    """Return the declared columns as text, and the undeclared ones as one JSON column, None where there are none."""
    columns = {name: table[position] for name, position in declared.items()}
    selected = [
        f"{_text_of(position, columns[name].type)} as {position}"
        for name, position in declared.items()
        if columns[name].type != pa.string()
    ]
    if undeclared:
        members = ", ".join(f"{text_literal(name)}, {position}" for name, position in undeclared.items())
        selected.append(f"cast(json_object({members}) as varchar) as extra")
    if not selected:
        return columns, None
    engine.register("delivered", table)
    result = engine.execute(f"select {', '.join(selected)} from delivered").to_arrow_table()
    engine.unregister("delivered")
    columns |= {name: result[at] for name, at in declared.items() if at in result.column_names}
    return columns, result["extra"] if undeclared else None


def _text_of(column: str, kind: pa.DataType) -> str:
    if pa.types.is_nested(kind):
        return f"cast(to_json({column}) as varchar)"
    if pa.types.is_floating(kind):
        # An id that an export tool turned into a float is still the id: 42.0 becomes 42. Such a tool writes an absent
        # value as no number.
        whole = f"{column} = floor({column}) and abs({column}) < 9007199254740992"
        text = f"case when {whole} then cast(cast({column} as bigint) as varchar) else cast({column} as varchar) end"
        return f"case when not isnan({column}) then {text} end"
    return f"cast({column} as varchar)"
