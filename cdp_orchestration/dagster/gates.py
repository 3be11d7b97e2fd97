"""The gates as blocking asset checks: which suite checks which asset.

The checks themselves are declared in ``expectations/``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
import duckdb

from cdp_orchestration.dagster.cached_gate_results import read_cached_result, state_of, store_result
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.landing.ledger import read_ledger
from cdp_orchestration.release.bundle import PublishedTable
from cdp_orchestration.release.publication import the_candidate
from cdp_orchestration.release.reader import open_release
from cdp_orchestration.streams import STREAMS, Stream
from expectations import GATES, Gate, GateResult, LoadCounts, Severity, check_table, landing_gate, release_gate

GATE = "gate"
GateReport = dict[str, Any]
"""Counts of expectations and failures, each failure in one line with its gate, and the page for people."""


def gate_checks(tables: Mapping[str, PublishedTable]) -> list[dg.AssetChecksDefinition]:
    """Return every gate: one a landed stream, one a checked table of a stage, one for all published tables."""
    stage_gates = (gate for gates in GATES.values() for gate in gates.values())
    return [
        *(_gate_check(["landing", stream.table], _landing_report(stream)) for stream in STREAMS),
        *(_gate_check([gate.stage, gate.table], _stage_report(gate)) for gate in stage_gates),
        _gate_check(["release", "candidate"], _release_report(tables)),
    ]


def _gate_check(key: list[str], evaluate: Callable[[Home], GateReport]) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=dg.AssetKey(key),
        name=GATE,
        blocking=True,
        description="Great Expectations suite; a critical failure stops the stages after it, a warning is reported.",
    )
    def gate(home: Home) -> dg.AssetCheckResult:
        return _as_check_result(evaluate(home))

    return gate


def _landing_report(stream: Stream) -> Callable[[Home], GateReport]:
    def evaluate(home: Home) -> GateReport:
        with home.warehouse() as connection:
            state = state_of(connection, stream)
            cached = read_cached_result(connection, stream, state)
            if cached is not None:
                return cached
            gate = landing_gate(stream.table, stream.key, stream.cursor, load=_load_counts(connection, stream))
            report = _report([check_table(connection, f"landing.{stream.table}", gate)])
            store_result(connection, stream, state, report)
            return report

    return evaluate


def _load_counts(connection: duckdb.DuckDBPyConnection, stream: Stream) -> LoadCounts:
    # The latest version of each file counts: a corrected file ends its warning.
    latest = {entry.source_file: entry for entry in read_ledger(connection, stream)}.values()
    return LoadCounts(
        rows_landed=sum(entry.row_count for entry in latest),
        rows_refused=sum(entry.refused_row_count for entry in latest),
        values_refused=sum(entry.refused_value_count for entry in latest),
        files_refused=sum(entry.status == "refused" for entry in latest),
    )


def _stage_report(gate: Gate) -> Callable[[Home], GateReport]:
    def evaluate(home: Home) -> GateReport:
        with home.warehouse() as connection:
            return _report([check_table(connection, f"{gate.stage}.{gate.table}", gate)])

    return evaluate


def _release_report(tables: Mapping[str, PublishedTable]) -> Callable[[Home], GateReport]:
    def evaluate(home: Home) -> GateReport:
        with home.warehouse() as connection:
            return _report(list(_release_results(connection, home, tables)))

    return evaluate


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


def _report(results: list[GateResult]) -> GateReport:
    return {
        "expectations": sum(len(result.outcomes) for result in results),
        "failed_critical": sum(len(result.failed("critical")) for result in results),
        "failed_warning": sum(len(result.failed("warning")) for result in results),
        "failures": list(_failures(results)),
        "report": "\n\n".join(result.to_markdown() for result in results),
    }


def _failures(results: Iterable[GateResult]) -> Iterator[dict[str, str]]:
    severities: tuple[Severity, ...] = ("critical", "warning")
    for result in results:
        for severity in severities:
            for outcome in result.failed(severity):
                yield {"gate": f"{result.stage}.{result.table}", "severity": severity, "failure": outcome.failure()}


def _as_check_result(report: GateReport) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=not report["failed_critical"] and not report["failed_warning"],
        severity=dg.AssetCheckSeverity.ERROR if report["failed_critical"] else dg.AssetCheckSeverity.WARN,
        metadata={**report, "report": dg.MetadataValue.md(report["report"])},
    )
