"""The part of a gate that compares: is what was delivered or built like what was accepted before?"""

from collections.abc import Mapping
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from cdp_orchestration.figures.acceptance import accepted_files
from cdp_orchestration.figures.comparing import Comparison, compare_deliveries, compare_release, compare_table
from cdp_orchestration.figures.hand_limits import read_limits
from cdp_orchestration.figures.release_figures import SUBJECT, ReleasedTable
from cdp_orchestration.figures.stage_figures import MEASURED_TABLES
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.bundle import ABOUT_RUNS, PublishedTable
from cdp_orchestration.release.reader import Release, live_release
from cdp_orchestration.sources import Stream, declared_streams
from expectations import FIGURES, Gate, GateResult, Outcome, listed_keys

_RELATION = "compared_figures"


def delivery_results(
    connection: duckdb.DuckDBPyConnection, stream: Stream, settings: Settings, run_id: str
) -> list[GateResult]:
    """Compare what a stream has delivered since the last acceptance; nothing new gives no result."""
    live = live_release(settings.releases)
    released_at = None
    if live:
        released_at = datetime.fromisoformat(str(live.manifest["created_at"])).astimezone(UTC).replace(tzinfo=None)
    limits = read_limits(settings.figure_limits)
    comparison = compare_deliveries(
        connection,
        stream,
        run_id,
        released_at=released_at,
        accepted_files=accepted_files(settings, f"landing.{stream.table}"),
        limits=limits,
    )
    return _results(connection, "landing", stream.table, comparison)


def table_results(
    connection: duckdb.DuckDBPyConnection, stage: str, table: str, settings: Settings, run_id: str
) -> list[GateResult]:
    """Compare a table of a stage against the last accepted one; a table that is not measured gives no result."""
    comparison = compare_table(connection, f"{stage}.{table}", run_id, read_limits(settings.figure_limits))
    return _results(connection, stage, table, comparison)


def candidate_results(
    connection: duckdb.DuckDBPyConnection,
    candidate: Release,
    tables: Mapping[str, PublishedTable],
    settings: Settings,
    run_id: str,
) -> list[GateResult]:
    """Compare a candidate with the live release."""
    live = live_release(settings.releases)
    of_live = live.manifest["tables"] if live else {}
    released = {}
    for name in tables.keys() - ABOUT_RUNS:
        entry, former = candidate.manifest["tables"][name], of_live.get(name)
        # A live file that was lost or damaged is replaced by this release, and is compared with nothing
        file = live.folder / former["file"] if live and former else None
        is_there = file is not None and file.exists()
        released[name] = ReleasedTable(
            candidate.folder / entry["file"],
            entry["rows"],
            tables[name].key,
            file if is_there else None,
            former["rows"] if former and is_there else 0,
        )
    comparison = compare_release(
        connection, dict(sorted(released.items())), run_id, read_limits(settings.figure_limits)
    )
    return _results(connection, "release", "candidate", comparison)


def is_about_figures(result: GateResult) -> bool:
    """Return whether the rows of a gate were figures."""
    return result.table.endswith(FIGURES)


def figure_failure(outcome: Outcome) -> str:
    """Return a failed check of figures in one line: what it is about, what was found and what is usual."""
    if outcome.broken_by:
        return outcome.failure()
    return f"{outcome.check_name}: {outcome.failed_row_count} not, {listed_keys(outcome.sample_keys)}"


def figures_gates(settings: Settings) -> list[tuple[Gate, str]]:
    """Return the gates of all figures, each with the relation that it is about."""
    from expectations import figures_gate

    streams = [("landing", stream.table) for stream in declared_streams(settings)]
    tables = [tuple(subject.split(".")) for subject in (*MEASURED_TABLES, SUBJECT)]
    return [(figures_gate(stage, table), _RELATION) for stage, table in (*streams, *tables)]


def _results(connection: duckdb.DuckDBPyConnection, stage: str, table: str, comparison: Comparison) -> list[GateResult]:
    if not comparison.figures:
        return []
    from expectations import check_table, figures_gate

    connection.register(_RELATION, _as_table(comparison))
    try:
        return [check_table(connection, _RELATION, figures_gate(stage, table))]
    finally:
        connection.unregister(_RELATION)


def _as_table(comparison: Comparison) -> pa.Table:
    figures = comparison.figures
    return pa.table(
        {
            "line": [each.line for each in figures],
            "is_usual": [each.is_usual for each in figures],
            "is_credible": [each.is_credible for each in figures],
        }
    )
