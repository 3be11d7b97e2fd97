"""Erase people from delivered files that still lie in the inbox: each is written again without them.

A file keeps its name and its form (rows with a header, objects, Parquet) and has its fields by their declared names.
The ledger takes over its size and time, so that it does not land again. An archive or a workbook that has landed is
removed instead: its rows are in its batch.
"""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdp_orchestration.home.durable_files import replace_file
from cdp_orchestration.home.searching import files_with, has_value
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing.batches import read_rows
from cdp_orchestration.landing.contents import open_delivery, unpacked
from cdp_orchestration.landing.erased_rows import without_erased
from cdp_orchestration.landing.erasure import Erasure, without_values
from cdp_orchestration.landing.inbox import SHEETS, Delivery, Format, find_deliveries
from cdp_orchestration.landing.ledger import LedgerEntry, create_ledger, read_ledger, record_entries
from cdp_orchestration.landing.ledger_copy import append_entries
from cdp_orchestration.landing.raw_rows import EXTRA, SOURCE_LINE, arrow_engine
from cdp_orchestration.landing.refusals import FileRefusedError, RefusedRow
from cdp_orchestration.sources import Stream, declared_streams

_NOT_WRITTEN_AGAIN = (".zip", ".zst", SHEETS)
_UNCHANGED = "unchanged"
_MAX_SOUGHT = 5_000  # names; a pattern of 30,000 values is refused by the library


@dataclass(frozen=True)
class ErasedDelivery:
    """A delivered file that held the people: ``left_because`` says why it still does, None where it does not."""

    stream: Stream
    source_file: str
    left_because: str | None = None


def erase_from_inbox(settings: Settings, erasure: Erasure, *, is_rewritten: bool = True) -> list[ErasedDelivery]:
    """Write the files of the inbox that hold the people again without them; the caller holds the writer's lock.

    Args:
        settings: the home, whose list of erased people names them already.
        erasure: the people.
        is_rewritten: whether files are changed; otherwise they are only listed.

    Returns:
        The files that hold or held them.
    """
    found = []
    with open_warehouse(settings.warehouse) as connection:
        create_ledger(connection)
        for stream in declared_streams(settings):
            entries = {entry.source_file: entry for entry in read_ledger(connection, stream)}
            for delivery in find_deliveries(stream, settings):
                if not _holds(delivery, erasure):
                    continue
                entry = entries.get(delivery.source_file)
                left = _erase(delivery, entry, stream, settings, erasure) if is_rewritten else "files are only listed"
                if left == _UNCHANGED:
                    continue
                if left is None and entry and delivery.path.exists():
                    _take_over(connection, settings, entry, delivery)
                found.append(ErasedDelivery(stream, delivery.source_file, left))
    return found


def _holds(delivery: Delivery, erasure: Erasure) -> bool:
    """Return whether any text of a file has one of the values; a file that cannot be opened is taken as it is."""
    if len(erasure.names) > _MAX_SOUGHT:
        return True  # so many are no pattern; reading the rows finds out
    try:
        with open_delivery(delivery) as file, unpacked(file, delivery) as (content, kind):
            if kind == "parquet":
                return _has_value(pq.read_table(content), erasure)
            return has_value(content, erasure.mentioned_pattern)
    except (FileRefusedError, OSError, pa.ArrowInvalid):
        return any(files_with([delivery.path] if delivery.path.is_file() else [], erasure.mentioned_pattern))


def _has_value(rows: pa.Table, erasure: Erasure) -> bool:
    with arrow_engine() as engine:
        engine.register("read", rows)
        texts = engine.execute("select cast(read as varchar) as row from read").to_arrow_table()["row"]
    return bool(pc.any(pc.match_substring_regex(texts, erasure.mentioned_pattern)).as_py())


def _erase(
    delivery: Delivery, entry: LedgerEntry | None, stream: Stream, settings: Settings, erasure: Erasure
) -> str | None:
    """Write one file again where a row of it changes; return why it was left instead, or that nothing of it changes."""
    try:
        with arrow_engine() as engine, open_delivery(delivery) as file, unpacked(file, delivery) as (content, kind):
            parts = list(read_rows(content, kind, stream, engine))
    except FileRefusedError as refusal:
        has_one = any(files_with([delivery.path], erasure.written_pattern))
        return f"it was refused: {refusal}" if has_one else _UNCHANGED
    kept = [raw.table for raw in without_erased(parts, stream, settings)]
    rows = [without_values(table, erasure)[0] for table in kept]
    has_refused = any(_has_value_in(raw.refused, erasure) for raw in parts)
    if [raw.table for raw in parts] == rows and not has_refused:
        return _UNCHANGED
    if delivery.path.name.lower().endswith(_NOT_WRITTEN_AGAIN):
        if entry is None or not entry.is_landed:
            return "it has not landed, and an archive or workbook is not written again"
        delivery.path.unlink()
        return None
    written = _written(rows, kind, stream)
    is_packed = delivery.path.read_bytes()[:2] == b"\x1f\x8b"
    replace_file(delivery.path, gzip.compress(written) if is_packed else written)
    return None


def _has_value_in(refused: Sequence[RefusedRow], erasure: Erasure) -> bool:
    return any(row.raw_row and has_value(io.BytesIO(row.raw_row.encode()), erasure.written_pattern) for row in refused)


def _written(tables: Sequence[pa.Table], kind: Format, stream: Stream) -> bytes:
    rows = [row for table in tables for row in table.drop([SOURCE_LINE]).to_pylist()]
    extra = [json.loads(row.pop(EXTRA) or "{}") for row in rows]
    if kind == "jsonl":
        documents = {field.name for field in stream.fields if field.type == "json"}
        return b"".join(_object(row, more, documents) for row, more in zip(rows, extra, strict=True))
    fields = [field.name for field in stream.fields]
    others = sorted({name for more in extra for name in more})
    full = [{**row, **more} for row, more in zip(rows, extra, strict=True)]
    if kind == "parquet":
        sink = io.BytesIO()
        schema = pa.schema([(name, pa.string()) for name in (*fields, *others)])
        texts = [{name: _text(row.get(name)) for name in schema.names} for row in full]
        pq.write_table(pa.Table.from_pylist(texts, schema=schema), sink)
        return sink.getvalue()
    text = io.StringIO()
    writer = csv.DictWriter(text, [*fields, *others], lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({name: _text(value) for name, value in row.items()} for row in full)
    return text.getvalue().encode()


def _object(row: dict[str, Any], extra: dict[str, Any], documents: set[str]) -> bytes:
    values = {name: _document(value) if name in documents else value for name, value in row.items()}
    filled = {name: value for name, value in values.items() if value is not None}
    return json.dumps({**filled, **extra}, ensure_ascii=False).encode() + b"\n"


def _document(value: str | None) -> Any:
    try:
        return json.loads(value) if value else None
    except ValueError:
        return value


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _take_over(
    connection: duckdb.DuckDBPyConnection, settings: Settings, entry: LedgerEntry, delivery: Delivery
) -> None:
    """Let the ledger know the file as it is now, under the content by which it has landed."""
    status = delivery.path.stat()
    known = replace(entry, size_bytes=status.st_size, modified_ns=status.st_mtime_ns)
    connection.begin()
    append_entries(connection, settings, [known])
    record_entries(connection, [known])
    connection.commit()
