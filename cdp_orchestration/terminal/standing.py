"""What a sync should not pass over, also of earlier syncs: warned checks, refused files, columns not declared."""

from collections.abc import Iterator, Sequence

import duckdb

from cdp_orchestration.errors import WriterBusyError
from cdp_orchestration.health import look_at
from cdp_orchestration.health.sources import StreamHealth
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.notifications import Finding, standing_findings
from cdp_orchestration.stages.rollback import rollback_sentence
from cdp_orchestration.terminal.status_report import refused_of

MAX_LINES = 8
"""Of each sort; then the number of those that are left, and the command that shows them."""


def standing_lines(settings: Settings) -> list[str]:
    """Return a line for each warned check, refused file and undeclared column that stands, and for a rollback.

    Args:
        settings: the home.

    Returns:
        At most a few lines of each sort, with what to do; none while another process writes the warehouse.
    """
    try:
        look = look_at(settings)
    except (WriterBusyError, duckdb.Error):  # whoever writes shows them; `cdp status` names an error
        return []
    checks = [each for each in standing_findings(settings) if each.is_left_by_runs]
    warned = [*(each for each in look.findings if each.kind == "check_warning"), *checks]
    rollback = rollback_sentence(settings)
    return [
        *([rollback] if rollback else []),
        *_first(list(_warned_lines(warned)), "warnings", "cdp status"),
        *_first(list(_file_lines(look.streams)), "refused files", "cdp quarantine list"),
        *_first(list(_row_lines(look.streams)), "streams with refusals", "cdp quarantine list"),
        *_first(list(_column_lines(look.streams)), "columns", "cdp source list"),
    ]


def _first(lines: Sequence[str], what: str, command: str) -> list[str]:
    more = len(lines) - MAX_LINES
    return [*lines[:MAX_LINES], *([f"… and {more} more {what}: `{command}`"] if more > 0 else [])]


def _warned_lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        if finding.details:
            yield from (f"Warned: {finding.subject}: {detail}" for detail in finding.details)
        else:
            yield f"Warned: {finding.subject}: {finding.remedy}"


def _file_lines(streams: Sequence[StreamHealth]) -> Iterator[str]:
    for each in streams:
        yield from (f"Refused: {each.name}: {file}; correct it and deliver it again" for file in each.refused)


def _row_lines(streams: Sequence[StreamHealth]) -> Iterator[str]:
    for each in streams:
        if each.refused_row_count or each.refused_value_count:
            yield f"Refused: {each.name}: {refused_of(each)}; `cdp quarantine list {each.name}` says why"


def _column_lines(streams: Sequence[StreamHealth]) -> Iterator[str]:
    for each in streams:
        for column, files in each.undeclared.items():
            where = "1 file" if files == 1 else f"{files} files"
            kept = f"column {column} of {where} is kept in _extra and not read"
            yield f"Not declared: {each.name}: {kept}; declare it below `fields`, or leave it"
