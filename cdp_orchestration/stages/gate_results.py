"""``operations.gate_results``: the newest result of each gate, with the state of the table that it evaluated."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import duckdb

from cdp_orchestration.home.warehouse import has_table


@dataclass(frozen=True)
class StoredResult:
    """The newest result of one gate.

    Attributes:
        stage: the stage of the checked table.
        table: the checked table; of a release its id stands in ``state``.
        state: what the table was built from, as its stage names it.
        code_version: the code of the gate.
        is_passed: whether no critical check failed.
        report: counts of checks, and each failure in one line, without a value.
        run_id: the run that evaluated the gate.
    """

    stage: str
    table: str
    state: str
    code_version: str
    is_passed: bool
    report: Mapping[str, Any]
    run_id: str

    @property
    def critical_failures(self) -> list[str]:
        """The failures that stop the next stage, each in one line with its gate."""
        critical = (each for each in self.report["failures"] if each["severity"] == "critical")
        return [f"{each['gate']}: {each['failure']}" for each in critical]


def read_gate_results(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], StoredResult]:
    """Return the newest result of each gate by stage and table; a connection that only reads will do."""
    if not has_table(connection, "operations", "gate_results"):
        return {}
    rows = connection.execute(
        "select stage, table_name, state, code_version, is_passed, report, run_id from operations.gate_results"
    ).fetchall()
    results = (
        StoredResult(stage, table, state, code, passed, json.loads(report), run_id)
        for stage, table, state, code, passed, report, run_id in rows
    )
    return {(result.stage, result.table): result for result in results}


def store_gate_result(connection: duckdb.DuckDBPyConnection, result: StoredResult) -> None:
    """Store the result of a gate in place of its former one; one that says the same stays as it is."""
    former = read_gate_results(connection).get((result.stage, result.table))
    if former and replace(former, run_id=result.run_id) == result:
        return
    connection.begin()
    connection.execute(
        "create table if not exists operations.gate_results (stage varchar, table_name varchar, state varchar, "
        "code_version varchar, is_passed boolean, report varchar, run_id varchar, evaluated_at timestamp)"
    )
    connection.execute(
        "delete from operations.gate_results where stage = ? and table_name = ?", [result.stage, result.table]
    )
    connection.execute(
        "insert into operations.gate_results values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            result.stage,
            result.table,
            result.state,
            result.code_version,
            result.is_passed,
            json.dumps(dict(result.report)),
            result.run_id,
            datetime.now(UTC).replace(tzinfo=None),
        ],
    )
    for former_name in ("judged_batches", "cached_gate_results"):  # of older homes
        connection.execute(f"drop table if exists operations.{former_name}")
    connection.commit()
