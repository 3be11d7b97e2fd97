"""The list of all streams: where each is declared, what it has delivered, and how it stands."""

from datetime import UTC, datetime
from typing import Any

from cdp_orchestration.health.sources import StreamHealth
from cdp_orchestration.landing.states.lateness import in_words
from cdp_orchestration.landing.storage.stream_deliveries import StreamDeliveries
from cdp_orchestration.sources import is_changed
from cdp_orchestration.terminal.json_shapes import stream_json
from cdp_orchestration.terminal.status_report import refused_of, state_of

HEADINGS = ("stream", "declared", "files", "rows", "refused", "last delivery", "expected within", "state")


def stream_row(each: StreamHealth, found: StreamDeliveries) -> tuple[str, ...]:
    """Return the values below ``HEADINGS``; what has not been delivered has no state but a pause or a problem."""
    delivered, freshness = each.lateness.delivered_at, each.stream.freshness
    age = f"{in_words(datetime.now(UTC).replace(tzinfo=None) - delivered)} ago" if delivered else "never"
    state = state_of(each)
    return (
        each.name,
        _place(each),
        f"{found.file_count:,}",
        f"{found.row_count:,}",
        refused_of(each),
        age,
        in_words(freshness.warn) if freshness and freshness.warn else "",
        state if delivered or state != "well" else "",
    )


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
