"""The inputs of a partitioned resolution as its first steps: records as text, row hashes, overrides and blocklist."""

from dataclasses import asdict
from functools import partial

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from identity.clusters.neighbourhoods import row_hashes_sql
from identity.limits import Limits
from identity.partitioned.engine import Engine
from identity.partitioned.steps import Steps, run_key
from identity.partitioned.task import fetched
from identity.prepare.records import RecordMapping
from identity.workspace import quoted


def key_of_inputs(
    work: duckdb.DuckDBPyConnection, engine: Engine, mapping: RecordMapping, limits: Limits, version: str | None
) -> str:
    """A key that changes with everything that decides the result, and with how the partitions are cut.

    Args:
        work: the workspace, with `caller_records`, `overrides` and `blocklist`.
        engine: the engine.
        mapping: the meaning of the columns.
        limits: the limits of the resolution.
        version: the version of the model that decides; None when it is trained.

    Returns:
        The key; see Steps.open.
    """
    content = work.execute(
        f"select count(*), bit_xor(hash(person_record_id, row_hash)) from ({row_hashes_sql(mapping)})"
    ).fetchall()
    decisions = [
        work.execute(f"select count(*), bit_xor(hash(columns(*))) from {table}").fetchall()
        for table in ("overrides", "blocklist")
    ]
    cut = (type(engine).__name__, engine.records_per_partition, engine.records_of_sample)
    return run_key(duckdb.__version__, version, asdict(mapping), asdict(limits), content, decisions, cut)


def store_inputs(work: duckdb.DuckDBPyConnection, steps: Steps, engine: Engine, mapping: RecordMapping) -> None:
    """Make the steps `records`, `row_hashes`, `overrides` and `blocklist`.

    The values of the records are text, as every step after them reads them, whatever types the caller's table has. A
    file holds the records of one partition.

    Args:
        work: the workspace, with `caller_records`, `overrides` and `blocklist`.
        steps: the steps of the run.
        engine: the engine.
        mapping: the meaning of the columns.
    """
    steps.make("records", partial(_store_records, work, steps, engine))
    hashes = f"copy ({row_hashes_sql(mapping)}) to {steps.one_file('row_hashes')} (format parquet)"
    steps.make("row_hashes", lambda: _execute(work, hashes))
    for table in ("overrides", "blocklist"):
        steps.put(table, fetched(work, f"from {table} order by all"))


def _execute(work: duckdb.DuckDBPyConnection, statement: str) -> None:
    work.execute(statement)


def _store_records(work: duckdb.DuckDBPyConnection, steps: Steps, engine: Engine) -> None:
    described = work.execute("select column_name, column_type from (describe caller_records)").fetchall()
    texts = ", ".join(
        f"cast({quoted(name)} as {'varchar[]' if kind.endswith('[]') else 'varchar'}) as {quoted(name)}"
        for name, kind in described
    )
    number = -1
    # A reader that is left open keeps the caller's database
    with work.execute(f"select {texts} from caller_records").to_arrow_reader(engine.records_per_partition) as rows:
        for number, batch in enumerate(rows):
            pq.write_table(pa.Table.from_batches([batch]), steps.path("records") / f"part-{number:05}.parquet")
        if number < 0:
            pq.write_table(rows.schema.empty_table(), steps.path("records") / "part-00000.parquet")
