"""The list of all streams: where each is declared, what it has delivered, and how it stands."""

from datetime import UTC, datetime
from typing import Any

from cdp_orchestration.health.sources import StreamHealth
from cdp_orchestration.landing.states.lateness import in_words
from cdp_orchestration.landing.storage.stream_deliveries import StreamDeliveries
from cdp_orchestration.sources import is_changed
from cdp_orchestration.terminal.json_shapes import stream_json
from cdp_orchestration.terminal.status_report import refused_of, state_of

HEADINGS = ("stream", "rows", "last delivery (expected)", "state")


def stream_row(each: StreamHealth, found: StreamDeliveries) -> tuple[str, ...]:
    """Return the values below ``HEADINGS``; what has not been delivered has no state but a pause or a problem."""
    delivered, freshness = each.lateness.delivered_at, each.stream.freshness
    age = f"{in_words(datetime.now(UTC).replace(tzinfo=None) - delivered)} ago" if delivered else "never"
    within = f" ({in_words(freshness.warn)})" if delivered and freshness and freshness.warn else ""
    state = state_of(each)
    return each.name, f"{found.row_count:,}", age + within, state if delivered or state != "well" else ""


def detail_lines(each: StreamHealth, found: StreamDeliveries) -> list[str]:
    """Return what a row of the list has no room for, a sentence each: files, refusals, columns that are not read.

    Args:
        each: the stream.
        found: what it has delivered.
    """
    files = "1 file" if found.file_count == 1 else f"{found.file_count:,} files"
    refused, where = refused_of(each), f"`cdp quarantine list {each.name}` says why"
    undeclared = ", ".join(each.undeclared)
    return [
        *([f"Declared in the home: {each.name}, {files} so far"] if is_changed(each.stream) else []),
        *([f"Refused: {each.name}: {refused} of {files}; {where}"] if refused else []),
        *([f"Not declared: {each.name}: {undeclared}; kept in _extra and not read"] if undeclared else []),
    ]


def stream_facts(each: StreamHealth, found: StreamDeliveries) -> dict[str, Any]:
    """Return the same as JSON has it: what ``cdp status --json`` says of a stream, with its files and rows."""
    return {
        "declared": _place(each),
        "files": found.file_count,
        "rows": found.row_count,
        **stream_json(each),
    }


def _place(each: StreamHealth) -> str:
    return "home" if is_changed(each.stream) else "project"
