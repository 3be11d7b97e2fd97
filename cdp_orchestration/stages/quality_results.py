"""``operations.quality_results``: what each check of the gates found, run by run; a release publishes it.

One row per check and run. A gate whose table has not changed is not evaluated again and adds no rows.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from expectations import FIGURES, GateResult, Outcome

KEPT_RUNS = 400
"""More than a year of daily syncs."""

COLUMNS = {
    "run_id": "varchar",
    "gate": "varchar",
    "table_name": "varchar",
    "check_name": "varchar",
    "severity": "varchar",
    "is_passed": "boolean",
    "observed_value": "double",
    "threshold": "varchar",
    "failed_row_count": "bigint",
    "checked_at": "timestamp",
}
_TYPES = {
    "varchar": pa.string(),
    "boolean": pa.bool_(),
    "double": pa.float64(),
    "bigint": pa.int64(),
    "timestamp": pa.timestamp("us"),
}
_FORGET_OLD = """
delete from operations.quality_results where run_id not in (
    select run_id from operations.quality_results group by run_id order by max(checked_at) desc limit ?
)
"""


def store_quality_results(connection: duckdb.DuckDBPyConnection, results: Sequence[GateResult], run_id: str) -> None:
    """Store what the gates found in a run, in place of what the same gates stored in it before.

    Figures, counts and shares alone are stored: the keys of failing rows are not.

    Args:
        connection: the warehouse, to write.
        results: what the gates found.
        run_id: the run.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = [(run_id, *_row(result, outcome), now) for result in results for outcome in result.outcomes]
    if not rows:
        return
    gates = [f"{result.stage}.{result.table}" for result in results]
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    schema = pa.schema([(name, _TYPES[kind]) for name, kind in COLUMNS.items()])
    table = pa.Table.from_pylist([dict(zip(COLUMNS, row, strict=True)) for row in rows], schema)
    connection.execute(f"create table if not exists operations.quality_results ({columns})")
    connection.begin()
    connection.execute(
        "delete from operations.quality_results where run_id = ? and gate in (select unnest(?))", [run_id, gates]
    )
    connection.register("new_results", table)
    connection.execute("insert into operations.quality_results by name select * from new_results")
    connection.unregister("new_results")
    connection.execute(_FORGET_OLD, [KEPT_RUNS])
    connection.commit()


def _row(result: GateResult, outcome: Outcome) -> tuple[Any, ...]:
    found = outcome.observed_value
    return (
        f"{result.stage}.{result.table}",
        result.table.removesuffix(FIGURES),
        outcome.check_name,
        outcome.severity,
        outcome.is_passed,
        # A text may be anything, and a trend needs numbers.
        None if isinstance(found, str) else found,
        outcome.threshold,
        outcome.failed_row_count,
    )
