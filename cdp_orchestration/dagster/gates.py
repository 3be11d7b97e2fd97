"""The gates as blocking asset checks: which suite checks which asset.

The checks themselves are declared in ``expectations/``.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from cdp_orchestration.dagster.figure_gates import (
    candidate_results,
    delivery_results,
    figure_failure,
    figures_gates,
    is_about_figures,
    table_results,
)
from cdp_orchestration.dagster.gate_messages import Refusals, gate_description, gate_failure, gate_page
from cdp_orchestration.dagster.gate_pages import page_of_last_result, record_results
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.landing import stream_states
from cdp_orchestration.landing.storage.ledger import latest_rows, read_latest
from cdp_orchestration.release.bundle import ABOUT_RUNS, PublishedTable
from cdp_orchestration.release.publication import the_candidate
from cdp_orchestration.release.reader import Release, open_release
from cdp_orchestration.sources import Stream, declared_streams
from cdp_orchestration.stages.builds import read_builds
from cdp_orchestration.stages.chain import gate_code
from cdp_orchestration.stages.gate_results import StoredResult, read_gate_results, store_gate_result
from cdp_orchestration.stages.quality_results import store_quality_results
from expectations import GATED_TABLES, Gate, GateResult, LoadCounts, Severity

GATE = "gate"
GateReport = dict[str, Any]
"""Counts of expectations and failures, each failure in one line with its gate, and the page for people."""
Evaluated = tuple[str, Sequence[GateResult]]
"""What was evaluated (the state of the stream or stage, the id of the release), and the results."""
Evaluate = Callable[[duckdb.DuckDBPyConnection, Home, str], Evaluated]
ReadStored = Callable[[duckdb.DuckDBPyConnection], StoredResult | None]
"""Returns the result that an evaluation would only repeat."""
ReadRefusals = Callable[[duckdb.DuckDBPyConnection, Home], Refusals]
_NEVER_BUILT = "never built"


def gate_checks(tables: Mapping[str, PublishedTable]) -> list[dg.AssetChecksDefinition]:
    """Return every gate: one a landed stream, one a checked table of a stage, one for all published tables."""
    gated = [(stage, table) for stage, tables in GATED_TABLES.items() for table in tables]
    return [
        *(_landing_check(stream) for stream in declared_streams()),
        *(_gate_check(stage, table, _stage_evaluation(stage, table)) for stage, table in gated),
        _gate_check("release", "candidate", _release_evaluation(tables)),
    ]


def _landing_check(stream: Stream) -> dg.AssetChecksDefinition:
    return _gate_check("landing", stream.table, _landing_evaluation(stream), _stored(stream), _refusals(stream))


def _gate_check(
    stage: str,
    table: str,
    evaluate: Evaluate,
    stored_result: ReadStored | None = None,
    refusals_of: ReadRefusals | None = None,
) -> dg.AssetChecksDefinition:
    @dg.asset_check(  # type: ignore[arg-type] # Dagster takes a generator as well: the result, then the error
        asset=dg.AssetKey([stage, table]),
        name=GATE,
        blocking=True,
        description="Great Expectations suite; a critical failure stops the stages after it, a warning is reported.",
    )
    def gate(context: dg.AssetCheckExecutionContext, home: Home) -> Iterator[dg.AssetCheckResult]:
        with home.warehouse() as connection:
            stored = stored_result(connection) if stored_result else None
            if stored:
                report, page = dict(stored.report), page_of_last_result(home.settings, f"{stage}.{table}")
            else:
                state, results = evaluate(connection, home, context.run.run_id)
                report, page = _report(results), _recorded(connection, home.settings, results, context.run.run_id)
                store_quality_results(connection, results, context.run.run_id)
                result = (stage, table, state, gate_code(stage), not report["failed_critical"], report)
                store_gate_result(connection, StoredResult(*result, context.run.run_id))
            refusals = refusals_of(connection, home) if refusals_of else None
        yield _as_check_result(report, refusals, page)
        if report["failed_critical"]:
            raise gate_failure(report, refusals)

    return gate


def _stored(stream: Stream) -> ReadStored:
    # Most syncs find nothing new in most streams. To evaluate the same rows by the same rules again would take a third
    # of the time of a sync with nothing new, most of it the import of Great Expectations.
    def read(connection: duckdb.DuckDBPyConnection) -> StoredResult | None:
        state = stream_states(connection, with_refused=True)[stream.table]
        stored = read_gate_results(connection).get(("landing", stream.table))
        is_same = stored and (stored.state, stored.code_version) == (state, gate_code("landing"))
        return stored if is_same else None

    return read


def _landing_evaluation(stream: Stream) -> Evaluate:
    def evaluate(connection: duckdb.DuckDBPyConnection, home: Home, run_id: str) -> Evaluated:
        from expectations import check_table

        state = stream_states(connection, with_refused=True)[stream.table]
        found = check_table(connection, f"landing.{stream.table}", _gate_of(stream))
        compares = found.is_passed
        return state, [found, *(delivery_results(connection, stream, home.settings, run_id) if compares else ())]

    return evaluate


def _gate_of(stream: Stream) -> Gate:
    from expectations import landing_gate

    return landing_gate(stream.table, stream.key, stream.cursor, load=_load_counts(stream))


def _recorded(
    connection: duckdb.DuckDBPyConnection, settings: Settings, results: Sequence[GateResult], run_id: str
) -> Path:
    def every_gate() -> list[tuple[Gate, str]]:
        from expectations import GATES

        landing = [(_gate_of(stream), f"landing.{stream.table}") for stream in declared_streams(settings)]
        stages = [(gate, gate.name) for gates in GATES.values() for gate in gates.values()]
        return [*landing, *stages, *figures_gates(settings)]

    return record_results(connection, settings, results, run_id, every_gate)


def _refusals(stream: Stream) -> ReadRefusals:
    def read(connection: duckdb.DuckDBPyConnection, home: Home) -> Refusals:
        by_reason: Counter[str] = Counter()
        latest = read_latest(connection, stream)
        for entry in latest:
            by_reason.update(entry.refused_by_reason)
        unread = {entry.source_file: entry.unread_columns for entry in latest if entry.unread_columns}
        return Refusals(dict(by_reason), home.settings.quarantine / stream.source / stream.name, unread)

    return read


def _load_counts(stream: Stream) -> LoadCounts:
    found = (
        f"(select coalesce(sum({counted}), 0)::bigint from ({latest_rows(stream)}))"
        for counted in ("row_count", "refused_row_count", "refused_value_count", "(status = 'refused')::bigint")
    )
    return LoadCounts(*found)


def _stage_evaluation(stage: str, table: str) -> Evaluate:
    def evaluate(connection: duckdb.DuckDBPyConnection, home: Home, run_id: str) -> Evaluated:
        from expectations import GATES, check_table

        build = read_builds(connection).get(stage)
        state = build.state if build else _NEVER_BUILT
        found = check_table(connection, f"{stage}.{table}", GATES[stage][table])
        # A table that its own gate refuses has no figures worth keeping
        compares = found.is_passed
        return state, [found, *(table_results(connection, stage, table, home.settings, run_id) if compares else ())]

    return evaluate


def _release_evaluation(tables: Mapping[str, PublishedTable]) -> Evaluate:
    def evaluate(connection: duckdb.DuckDBPyConnection, home: Home, run_id: str) -> Evaluated:
        candidate = open_release(the_candidate(home.settings.releases))
        found = list(_release_results(connection, candidate, tables))
        # Files that are not what the warehouse holds have no figures worth keeping
        compares = all(each.is_passed for each in found)
        figures = candidate_results(connection, candidate, tables, home.settings, run_id) if compares else ()
        return candidate.release_id, [*found, *figures]

    return evaluate


def _release_results(
    connection: duckdb.DuckDBPyConnection, candidate: Release, tables: Mapping[str, PublishedTable]
) -> Iterator[GateResult]:
    from expectations import check_table, release_gate

    for name, table in tables.items():
        entry = candidate.manifest["tables"][name]
        file = text_literal(candidate.folder / entry["file"])
        # Gates have added rows of their own to some tables since the cut
        rows = entry["rows"] if name in ABOUT_RUNS else _row_count(connection, table.relation)
        gate = release_gate(name, rows, _promised_types(connection, table), table.key)
        yield check_table(connection, f"read_parquet({file})", gate)


def _row_count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])


def _promised_types(connection: duckdb.DuckDBPyConnection, table: PublishedTable) -> dict[str, str]:
    # DuckDB spells a type in one way, contracts in several.
    spelled = ", ".join(f"typeof(null::{column['type']})" for column in table.columns)
    types = connection.execute(f"select {spelled}").fetchall()[0]
    return {column["name"]: found for column, found in zip(table.columns, types, strict=True)}


def _report(results: Sequence[GateResult]) -> GateReport:
    return {
        "expectations": sum(len(result.outcomes) for result in results),
        "failed_critical": sum(len(result.failed("critical")) for result in results),
        "failed_warning": sum(len(result.failed("warning")) for result in results),
        "failures": list(_failures(results)),
        "report": gate_page(results),
    }


def _failures(results: Iterable[GateResult]) -> Iterator[dict[str, str]]:
    severities: tuple[Severity, ...] = ("critical", "warning")
    for result in results:
        for severity in severities:
            for outcome in result.failed(severity):
                failure = figure_failure(outcome) if is_about_figures(result) else outcome.failure()
                yield {"gate": f"{result.stage}.{result.table}", "severity": severity, "failure": failure}


def _as_check_result(report: GateReport, refusals: Refusals | None, page: Path) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=not report["failed_critical"] and not report["failed_warning"],
        description=gate_description(report, refusals),
        severity=dg.AssetCheckSeverity.ERROR if report["failed_critical"] else dg.AssetCheckSeverity.WARN,
        metadata={
            **report,
            "report": dg.MetadataValue.md(report["report"]),
            "data_docs": dg.MetadataValue.url(page.as_uri()),
        },
    )
