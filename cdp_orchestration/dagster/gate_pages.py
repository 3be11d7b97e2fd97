"""Where what the gates found is kept for people: a project of Great Expectations, and its Data Docs."""

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from cdp_orchestration.figures.trends import trends_of
from cdp_orchestration.home.durable_files import put_aside
from cdp_orchestration.home.settings import Settings
from expectations import FIGURES, Gate, GateResult


def record_results(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    results: Sequence[GateResult],
    run_id: str,
    every_gate: Callable[[], Sequence[tuple[Gate, str]]] = tuple,
) -> Path:
    """Store the results of gates in the home's project, and write their pages.

    A project that cannot be read is put aside (``gx.damaged``) and written anew.

    Args:
        connection: the warehouse, which keeps the figures of former runs.
        settings: the home.
        results: what the gates found.
        run_id: the run.
        every_gate: returns all gates, each with the relation that it is about.

    Returns:
        The page of the result; where a table was checked and compared, of the worse of both; the first page where there
        are results of several tables.
    """
    # Both take seconds to import.
    from great_expectations.exceptions import GreatExpectationsError

    from expectations.project import GateProject

    project = GateProject(settings.home, settings.data_docs.parent)
    tables = {f"{result.stage}.{result.table.removesuffix(FIGURES)}" for result in results}
    figures = {f"{table}{FIGURES}": found for table, found in trends_of(connection, tables).items()}
    try:
        pages = project.record(results, run_id, every_gate, figures)
    except (GreatExpectationsError, ValueError):
        # Its files are cut where a disk was full, or somebody changed them; the gates do not read them
        if project.folder.exists():
            put_aside(project.folder)
        pages = project.record(results, run_id, every_gate, figures)
    if len(tables) > 1:
        return settings.data_docs
    worst = min(results, key=lambda each: (each.is_passed, not each.failed("warning")))
    return pages[f"{worst.stage}.{worst.table}"]


def page_of_last_result(settings: Settings, gate: str) -> Path:
    """Return the page of a gate that was not evaluated again: what it found in its last runs."""
    return settings.data_docs.parent / "history" / f"{gate}.html"
