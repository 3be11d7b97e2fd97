"""The landing schema: a typed view per stream over its batches, and ``operations.quarantined`` over the refusals."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.ledger import (
    LedgerEntry,
    batch_path,
    create_ledger,
    quarantine_path,
    read_ledger,
)
from cdp_orchestration.landing.quarantine import QUARANTINE_TYPES
from cdp_orchestration.landing.raw_rows import landed_types, quoted, text_literal
from cdp_orchestration.sources import Stream, declared_streams

# One row per stream, field and rule: how many delivered rows have a time of a wrong clock that was corrected by it.
_CORRECTED_TIMES = """
create or replace view operations.corrected_times as
select source, stream, corrected.field, corrected.rule, sum(corrected.row_count)::bigint as row_count
from (
    select source, stream, unnest(corrected_times) as corrected
    from operations.landing_batches
    where status = 'landed'
) as batches
group by all
"""


class BatchLostError(CdpError):
    """A batch of the ledger is missing on disk."""


def create_landing_views(
    connection: duckdb.DuckDBPyConnection, settings: Settings, streams: Iterable[Stream] | None = None
) -> None:
    """Create or renew ``landing.<table>`` of each stream, empty where nothing has landed, and the operations tables."""
    create_ledger(connection)
    connection.execute("create schema if not exists landing")
    for stream in declared_streams(settings) if streams is None else streams:
        entries = read_ledger(connection, stream)
        # The same content landed by a mended mapping takes the place of what the former one made of it.
        newest = {(entry.source_file, entry.sha256): entry for entry in entries if entry.is_landed}
        paths = [batch_path(settings, entry) for entry in newest.values()]
        replaced = [
            entry.batch_id
            for entry in entries
            if entry.is_landed and entry.stored_in and entry is not newest[entry.source_file, entry.sha256]
        ]
        _create_view(connection, f"landing.{quoted(stream.table)}", landed_types(stream), paths, replaced)
    _create_quarantine_view(connection, settings)
    connection.execute(_CORRECTED_TIMES)


def repeated_key_rows(connection: duckdb.DuckDBPyConnection, stream: Stream, batches: Sequence[LedgerEntry]) -> int:
    """Count the rows of these batches whose key they or older batches have delivered before."""
    key = ", ".join(f"landed.{quoted(name)}" for name in stream.key)
    batch_ids = pa.table({"batch_id": pa.array([entry.batch_id for entry in batches], pa.string())})
    connection.register("new_batches", batch_ids)
    counts = connection.execute(
        f"""
        with keys as (
            select bool_and(new_batches.batch_id is not null) as is_new
            from landing.{quoted(stream.table)} as landed
            left join new_batches on landed._batch_id = new_batches.batch_id
            group by {key}
        )

        select count(*) from keys where is_new
        """
    ).fetchall()
    connection.unregister("new_batches")
    return sum(entry.row_count for entry in batches) - int(counts[0][0])


def _create_quarantine_view(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    paths = [quarantine_path(settings, entry) for entry in read_ledger(connection) if entry.has_refusals]
    _create_view(connection, "operations.quarantined", QUARANTINE_TYPES, paths)


def _create_view(
    connection: duckdb.DuckDBPyConnection,
    view: str,
    types: dict[str, str],
    paths: Iterable[Path],
    replaced: Sequence[str] = (),
) -> None:
    """Create a view over files, without the rows of replaced batches that stand in one of them."""
    paths = list(dict.fromkeys(paths))
    lost = [path for path in paths if not path.exists()]
    if lost:
        raise BatchLostError(
            f"{view}: {len(lost)} of {len(paths)} batches of operations.landing_batches are missing on disk, "
            f"the first is {lost[0]}. Restore them, or delete their rows from the ledger and deliver the files again."
        )
    # The empty select fixes names and types, also of columns that older batches lack.
    empty = ", ".join(f"cast(null as {kind}) as {quoted(name)}" for name, kind in types.items())
    query = f"select {empty} where false"
    if paths:
        files = ", ".join(text_literal(str(path)) for path in paths)
        query += f" union all by name select * from read_parquet([{files}], union_by_name = true)"
    if replaced:
        query += f" where _batch_id not in (select unnest([{', '.join(map(text_literal, replaced))}]))"
    columns = ", ".join(f"cast({quoted(name)} as {kind}) as {quoted(name)}" for name, kind in types.items())
    connection.execute(f"create or replace view {view} as select {columns} from ({query}) as batches")
