"""Where what the gates found is kept for people: a project of Great Expectations, and its Data Docs."""

from collections.abc import Callable, Sequence
from pathlib import Path

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.settings import Settings
from expectations import Gate, GateResult


def record_results(
    settings: Settings,
    results: Sequence[GateResult],
    run_id: str,
    every_gate: Callable[[], Sequence[tuple[Gate, str]]] = tuple,
) -> Path:
    """Store the results of gates in the home's project, and write their pages.

    Args:
        settings: the home.
        results: what the gates found.
        run_id: the run.
        every_gate: returns all gates, each with the relation that it is about.

    Returns:
        The page of the result, or the first page where there are several.

    Raises:
        CdpError: if the project cannot be read, as when somebody changed its files.
    """
    # Both take seconds to import.
    from great_expectations.exceptions import GreatExpectationsError

    from expectations.project import GateProject

    project = GateProject(settings.home, settings.data_docs.parent)
    try:
        pages = project.record(results, run_id, every_gate)
    except (GreatExpectationsError, ValueError) as error:
        raise CdpError(
            f"The project of Great Expectations in {project.folder} cannot be read ({type(error).__name__}); expected: "
            f"as a sync wrote it. Delete {project.folder}: the next sync writes it anew."
        ) from error
    return next(iter(pages.values())) if len(pages) == 1 else settings.data_docs


def page_of_last_result(settings: Settings, gate: str) -> Path:
    """Return the page of a gate that was not evaluated again: what it found in its last runs."""
    return settings.data_docs.parent / "history" / f"{gate}.html"
