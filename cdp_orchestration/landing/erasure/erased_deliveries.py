"""Erase people from delivered files that still lie in the inbox: each is written again without them.

A file keeps its name and its form, and is written again part by part, so that its size does not matter.
The ledger takes over its size and time, so that it does not land again. An archive or a workbook that has landed is
removed instead: its rows are in its batch.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdp_orchestration.home.searching import files_with, has_value
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing.erasure.erased_rows import without_erased
from cdp_orchestration.landing.erasure.erasure import Erasure, without_values
from cdp_orchestration.landing.files.contents import open_delivery, unpacked
from cdp_orchestration.landing.files.written_deliveries import rewrite
from cdp_orchestration.landing.inbox import SHEETS, Delivery, find_deliveries
from cdp_orchestration.landing.raw_rows import RawRows, arrow_engine
from cdp_orchestration.landing.refusals import FileRefusedError, RefusedRow
from cdp_orchestration.landing.storage.ledger import LedgerEntry, create_ledger, read_ledger, record_entries
from cdp_orchestration.landing.storage.ledger_copy import append_entries
from cdp_orchestration.sources import Stream, declared_streams

NOT_WRITTEN_AGAIN = (".zip", ".zst", SHEETS)
"""Endings of archives and workbooks: one that is not to stay as it is goes, once it has landed."""
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
                if not _holds(delivery, stream, erasure):
                    continue
                entry = entries.get(delivery.source_file)
                left: str | None = "files are only listed"
                if is_rewritten:
                    has_landed = entry is not None and entry.is_landed
                    left = _erase(delivery, stream, settings, erasure, has_landed=has_landed)
                if left == _UNCHANGED:
                    continue
                if left is None and entry and delivery.path.exists():
                    take_over(connection, settings, entry, delivery)
                found.append(ErasedDelivery(stream, delivery.source_file, left))
    return found


def _holds(delivery: Delivery, stream: Stream, erasure: Erasure) -> bool:
    """Return whether any text of a file has one of the values; a file that cannot be opened is taken as it is."""
    if len(erasure.names) > _MAX_SOUGHT:
        return True  # so many are no pattern; reading the rows finds out
    try:
        forms = stream.files
        with open_delivery(delivery, forms) as file, unpacked(file, delivery, forms) as (content, kind):
            if kind == "parquet":
                parts = pq.ParquetFile(content).iter_batches()
                return any(_has_value(pa.Table.from_batches([part]), erasure) for part in parts)
            return has_value(content, erasure.mentioned_pattern)
    except (FileRefusedError, OSError, pa.ArrowInvalid):
        return any(files_with([delivery.path] if delivery.path.is_file() else [], erasure.mentioned_pattern))


def _has_value(rows: pa.Table, erasure: Erasure) -> bool:
    with arrow_engine() as engine:
        engine.register("read", rows)
        texts = engine.execute("select cast(read as varchar) as row from read").to_arrow_table()["row"]
    return bool(pc.any(pc.match_substring_regex(texts, erasure.mentioned_pattern)).as_py())


def _erase(delivery: Delivery, stream: Stream, settings: Settings, erasure: Erasure, *, has_landed: bool) -> str | None:
    """Write one file again where a row of it changes; return why it was left instead, or that nothing of it changes."""

    def change(raw: RawRows) -> tuple[pa.Table, bool]:
        (kept,) = without_erased([raw], stream, settings)
        rows, _ = without_values(kept.table, erasure)
        return rows, rows != raw.table or _has_value_in(raw.refused, erasure)

    is_archive = delivery.path.name.lower().endswith(NOT_WRITTEN_AGAIN)
    try:
        is_changed = rewrite(delivery, stream, change, is_kept=is_archive)
    except FileRefusedError as refusal:
        has_one = any(files_with([delivery.path], erasure.written_pattern))
        return f"it was refused: {refusal}" if has_one else _UNCHANGED
    if not is_changed:
        return _UNCHANGED
    if is_archive:
        if not has_landed:
            return "it has not landed, and an archive or workbook is not written again"
        delivery.path.unlink()
    return None


def _has_value_in(refused: Sequence[RefusedRow], erasure: Erasure) -> bool:
    return any(row.raw_row and has_value(io.BytesIO(row.raw_row.encode()), erasure.written_pattern) for row in refused)


def take_over(
    connection: duckdb.DuckDBPyConnection, settings: Settings, entry: LedgerEntry, delivery: Delivery
) -> None:
    """Let the ledger know the file as it is now, under the content by which it has landed."""
    status = delivery.path.stat()
    known = replace(entry, size_bytes=status.st_size, modified_ns=status.st_mtime_ns)
    connection.begin()
    append_entries(connection, settings, [known])
    record_entries(connection, [known])
    connection.commit()
