"""The landing schema: a typed view per stream over its batches; in ``operations``, views of refusals and the audit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.audit import entries_query
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import quoted, text_literal
from cdp_orchestration.landing.raw_rows import landed_types
from cdp_orchestration.landing.storage.ledger import (
    LedgerEntry,
    batch_path,
    create_ledger,
    quarantine_path,
    read_ledger,
)
from cdp_orchestration.landing.storage.quarantine import QUARANTINE_TYPES
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


def has_view(connection: duckdb.DuckDBPyConnection, stream: Stream) -> bool:
    """Return whether the warehouse has the view of a stream, as it has once anything has landed."""
    found = connection.execute(
        "select 1 from duckdb_views() where schema_name = 'landing' and view_name = ?", [stream.table]
    )
    return bool(found.fetchall())


def create_landing_views(
    connection: duckdb.DuckDBPyConnection, settings: Settings, streams: Iterable[Stream] | None = None
) -> None:
    """Create or renew ``landing.<table>`` of each stream, empty where nothing has landed, and the operations tables.

    Args:
        connection: the warehouse.
        settings: where batches and quarantine lie.
        streams: the streams; by default all. BatchLostError, where the ledger names a file of one that is missing.
    """
    create_ledger(connection)
    connection.execute("create schema if not exists landing")
    for stream in declared_streams(settings) if streams is None else streams:
        entries = read_ledger(connection, stream)
        # The same content landed by a mended mapping takes the place of what the former one made of it.
        newest = {(entry.source_file, entry.sha256): entry for entry in entries if entry.is_landed}
        replaced = {entry.batch_id for entry in entries} - {entry.batch_id for entry in newest.values()}
        query = stored_rows(newest.values(), settings, landed_types(stream), replaced)
        connection.execute(f"create or replace view landing.{quoted(stream.table)} as {query}")
        _refuse_lost([quarantine_path(settings, entry) for entry in entries if entry.has_refusals])
    everything = read_ledger(connection)
    # What another stream has lost is named when that one lands.
    refused = [entry for entry in everything if entry.has_refusals and quarantine_path(settings, entry).exists()]
    withdrawn = {entry.batch_id for entry in everything if entry.status == "withdrawn"}
    quarantined = stored_rows(refused, settings, QUARANTINE_TYPES, withdrawn)
    connection.execute(f"create or replace view operations.quarantined as {quarantined}")
    connection.execute(_CORRECTED_TIMES)
    settings.audit.touch()
    connection.execute(f"create or replace view operations.audit as {entries_query(settings.audit)}")
    connection.execute(
        f"create or replace view operations.compliance_log as {_compliance_log(compliance_log_file(settings))}"
    )


def compliance_log_file(settings: Settings) -> Path:
    """Return where a home has what people asked for, a line a request, profile and system; it names no one."""
    return settings.privacy / "compliance_log.jsonl"


def _compliance_log(path: Path) -> str:
    """Return the query of what people asked for, empty where no one has asked for anything."""
    kinds = dict.fromkeys(("request_id", "request_type", "profile_id", "system_name"), "varchar")
    kinds |= dict.fromkeys(("requested_at", "due_at", "completed_at"), "timestamptz")
    kinds |= dict.fromkeys(("tables_affected", "rows_affected"), "bigint")
    if not path.exists():
        empty = ", ".join(f"null::{kind.removesuffix('tz')} as {name}" for name, kind in kinds.items())
        return f"select {empty} where false"
    times = ", ".join(
        f"make_timestamp(epoch_us({name})) as {name}" for name, kind in kinds.items() if kind == "timestamptz"
    )
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items())
    rows = f"read_json({text_literal(path)}, format = 'newline_delimited', columns = {{{columns}}})"
    return f"select * replace ({times}) from {rows}"


def create_missing_views(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Create the views of streams that have never been landed, so that what reads all of them can be built."""
    rows = connection.execute("select view_name from duckdb_views() where schema_name = 'landing'").fetchall()
    found = {name for (name,) in rows}
    missing = [stream for stream in declared_streams(settings) if stream.table not in found]
    if missing:
        create_landing_views(connection, settings, missing)


@dataclass(frozen=True)
class DeliveredKeys:
    """How many keys some batches have that no older batch has, or with other values, or with the same ones alone."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


def delivered_keys(
    connection: duckdb.DuckDBPyConnection, stream: Stream, batches: Sequence[LedgerEntry]
) -> DeliveredKeys:
    """Return what has changed by these batches.

    Args:
        connection: the warehouse, with the view of the stream.
        stream: the stream.
        batches: what has landed.
    """
    key = ", ".join(map(quoted, stream.key))
    batch_ids = pa.table({"batch_id": pa.array([entry.batch_id for entry in batches], pa.string())})
    connection.register("new_batches", batch_ids)
    others = f"from landing.{quoted(stream.table)} where _batch_id not in (select batch_id from new_batches)"
    if not connection.execute(f"select 1 {others} limit 1").fetchall():  # a first delivery, which may be a long one
        ((count,),) = connection.execute(
            f"select count(*) from (select distinct {key} from landing.{quoted(stream.table)})"
        ).fetchall()
        connection.unregister("new_batches")
        return DeliveredKeys(int(count))
    ((known, new, changed),) = connection.execute(
        f"""
        with rows as (select {key}, _row_hash, _batch_id from landing.{quoted(stream.table)}),

        here as (select {key}, _row_hash from rows where _batch_id in (select batch_id from new_batches)),

        keys as (select distinct {key} from here),

        before as (
            select {key}, _row_hash
            from (select {key}, _row_hash {others})
            semi join keys using ({key})
        ),

        known as (select distinct {key} from before),

        other as (select distinct {key} from here anti join before using ({key}, _row_hash))

        select
            (select count(*) from known),
            (select count(*) from keys) - (select count(*) from known),
            (select count(*) from other semi join known using ({key}))
        """
    ).fetchall()
    connection.unregister("new_batches")
    return DeliveredKeys(int(new), int(changed), int(known) - int(changed))


def stored_rows(
    entries: Iterable[LedgerEntry], settings: Settings, types: Mapping[str, str], replaced: Collection[str] = ()
) -> str:
    """Return the query of what the files of some batches hold.

    Args:
        entries: batches; all that share a file have their rows returned, as far as the ledger has them.
        settings: where batches and quarantine lie.
        types: the columns, either of the quarantine or of a landed stream.
        replaced: batches whose rows are left out of a file that they share.

    Returns:
        A select of the columns by their types; where a file is missing, BatchLostError is raised.
    """
    is_quarantine = types is QUARANTINE_TYPES
    path = quarantine_path if is_quarantine else batch_path
    own = {path(settings, entry) for entry in entries if not entry.stored_in}
    shared = {path(settings, entry) for entry in entries if entry.stored_in}
    _refuse_lost([*own, *shared])
    # The empty select fixes names and types, also of columns that older batches lack.
    empty = ", ".join(f"cast(null as {kind}) as {quoted(name)}" for name, kind in types.items())
    query = f"select {empty} where false"
    if own:
        query += f" union all by name select * from {_files(own)}"
    if shared:
        # Of a batch that has landed again since, a shared file still holds the rows of the former time.
        batch, time = ("batch_id", "refused_at") if is_quarantine else ("_batch_id", "_loaded_at")
        query += (
            f" union all by name select * from {_files(shared)} where ({batch}, {time}) in "
            "(select (batch_id, loaded_at) from operations.landing_batches where stored_in is not null)"
        )
        if replaced:
            query += f" and {batch} not in (select unnest([{', '.join(map(text_literal, sorted(replaced)))}]))"
    columns = ", ".join(f"cast({quoted(name)} as {kind}) as {quoted(name)}" for name, kind in types.items())
    return f"select {columns} from ({query}) as batches"


def _files(paths: Iterable[Path]) -> str:
    return f"read_parquet([{', '.join(text_literal(path) for path in sorted(paths))}], union_by_name = true)"


def _refuse_lost(paths: Sequence[Path]) -> None:
    lost = sorted(path for path in paths if not path.exists())
    if lost:
        raise BatchLostError(
            f"{lost[0].parent}: {len(lost)} of {len(paths)} files of operations.landing_batches are missing on disk, "
            f"the first is {lost[0]}. Restore them from a backup or deliver their files again (`cdp repair` names "
            "them), or go on without them: `cdp source withdraw SOURCE/STREAM FILE`."
        )
