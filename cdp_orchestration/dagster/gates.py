"""The gates as blocking asset checks: which suite stands on which asset.

What a suite demands is written in ``expectations/``.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg
import duckdb

from cdp_orchestration.dagster.cached_gate_results import recall_verdict, remember_verdict, state_of
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.landing.ledger import read_ledger
from cdp_orchestration.release.bundle import PublishedTable
from cdp_orchestration.release.publication import the_candidate
from cdp_orchestration.release.reader import open_release
from cdp_orchestration.streams import STREAMS, Stream
from expectations import GATES, Gate, GateResult, LoadCounts, check_table, landing_gate, release_gate

GATE = "gate"
Verdict = dict[str, Any]  # counts of expectations and failures, and the report for people


def gate_checks(tables: Mapping[str, PublishedTable]) -> list[dg.AssetChecksDefinition]:
    """Return every gate: one a landed stream, one a gated table of a stage, one a published table."""
    stage_gates = (gate for gates in GATES.values() for gate in gates.values())
    return [
        *(_gate_check(["landing", stream.table], _landing_verdict(stream)) for stream in STREAMS),
        *(_gate_check([gate.stage, gate.table], _stage_verdict(gate)) for gate in stage_gates),
        _gate_check(["release", "candidate"], _release_verdict(tables)),
    ]


def _gate_check(key: list[str], judge: Callable[[Home], Verdict]) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=dg.AssetKey(key),
        name=GATE,
        blocking=True,
        description="Great Expectations suite; a critical failure stops the stages after it, a warning reports.",
    )
    def gate(home: Home) -> dg.AssetCheckResult:
        return _as_check_result(judge(home))

    return gate


def _landing_verdict(stream: Stream) -> Callable[[Home], Verdict]:
    def judge(home: Home) -> Verdict:
        with home.warehouse() as connection:
            state = state_of(connection, stream)
            known = recall_verdict(connection, stream, state)
            if known is not None:
                return known
            gate = landing_gate(stream.table, stream.key, stream.cursor, load=_load_counts(connection, stream))
            verdict = _verdict([check_table(connection, f"landing.{stream.table}", gate)])
            remember_verdict(connection, stream, state, verdict)
            return verdict

    return judge


def _load_counts(connection: duckdb.DuckDBPyConnection, stream: Stream) -> LoadCounts:
    # What counts is how each file stands today: a mended file ends its warning.
    latest = {entry.source_file: entry for entry in read_ledger(connection, stream)}.values()
    return LoadCounts(
        rows_landed=sum(entry.row_count for entry in latest),
        rows_refused=sum(entry.refused_row_count for entry in latest),
        values_refused=sum(entry.refused_value_count for entry in latest),
        files_refused=sum(entry.status == "refused" for entry in latest),
    )


def _stage_verdict(gate: Gate) -> Callable[[Home], Verdict]:
    def judge(home: Home) -> Verdict:
        with home.warehouse() as connection:
            return _verdict([check_table(connection, f"{gate.stage}.{gate.table}", gate)])

    return judge


def _release_verdict(tables: Mapping[str, PublishedTable]) -> Callable[[Home], Verdict]:
    def judge(home: Home) -> Verdict:
        with home.warehouse() as connection:
            return _verdict(list(_release_results(connection, home, tables)))

    return judge


def _release_results(
    connection: duckdb.DuckDBPyConnection, home: Home, tables: Mapping[str, PublishedTable]
) -> Iterator[GateResult]:
    candidate = open_release(the_candidate(home.settings.releases))
    for name, table in tables.items():
        rows = connection.execute(f"select count(*) from {table.relation}").fetchall()[0][0]
        file = str(candidate.folder / candidate.manifest["tables"][name]["file"]).replace("'", "''")
        gate = release_gate(name, rows, _promised_types(connection, table))
        yield check_table(connection, f"read_parquet('{file}')", gate)


def _promised_types(connection: duckdb.DuckDBPyConnection, table: PublishedTable) -> dict[str, str]:
    # DuckDB spells a type in one way, contracts in several.
    spelled = ", ".join(f"typeof(null::{column['type']})" for column in table.columns)
    types = connection.execute(f"select {spelled}").fetchall()[0]
    return {column["name"]: found for column, found in zip(table.columns, types, strict=True)}


def _verdict(results: list[GateResult]) -> Verdict:
    return {
        "expectations": sum(len(result.outcomes) for result in results),
        "failed_critical": sum(len(result.failed("critical")) for result in results),
        "failed_warning": sum(len(result.failed("warning")) for result in results),
        "report": "\n\n".join(result.to_markdown() for result in results),
    }


def _as_check_result(verdict: Verdict) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=not verdict["failed_critical"] and not verdict["failed_warning"],
        severity=dg.AssetCheckSeverity.ERROR if verdict["failed_critical"] else dg.AssetCheckSeverity.WARN,
        metadata={**verdict, "report": dg.MetadataValue.md(verdict["report"])},
    )
