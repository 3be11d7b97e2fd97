"""What the commands show of destinations: which release each shows, and why one is behind."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import RenderableType

from cdp_orchestration.destinations import Standing, destinations_file, standings
from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.tables import table


def destinations_json(found: Iterable[Standing]) -> list[dict[str, Any]]:
    """Return destinations as the command's JSON."""
    return [
        {
            "name": each.name,
            "kind": each.declared.kind,
            "place": each.declared.place,
            "release_id": each.state.release_id,
            "published_at": each.state.published_at,
            "is_behind": each.is_behind,
            "problem": each.state.problem,
        }
        for each in found
    ]


def destinations_table(settings: Settings, found: Sequence[Standing]) -> RenderableType:
    """Return a table of the declared destinations, or how one is declared."""
    if not found:
        file = destinations_file(settings)
        return f"No destination is declared. {file} names them; README.md of cdp_orchestration shows how."
    rows = (
        (
            each.name,
            each.declared.kind,
            each.declared.place,
            each.state.release_id or "none",
            (each.state.problem or "behind") if each.is_behind else "up to date",
        )
        for each in found
    )
    return table(f"Destinations of {destinations_file(settings)}", ("name", "kind", "place", "shows", "state"), rows)


def published_lines(found: Iterable[Standing]) -> list[str]:
    """Return a line for each destination that was to be published to."""
    return [
        f"Published: {each.name} shows release {each.state.release_id}"
        if each.is_reached
        else f"Not published to {each.name}: {each.state.problem or 'its run was ended; `cdp dev` shows it'}"
        for each in found
    ]


def followed_lines(settings: Settings) -> list[str]:
    """Let the destinations that do not show the live release follow it.

    Args:
        settings: the home.

    Returns:
        A line for each of them. What fails is said, and fails nothing else: the release is live.
    """
    try:
        if not any(each.is_behind for each in standings(settings)):
            return []
        # What follows imports Dagster, which takes longer than to find out that nothing is behind
        from cdp_orchestration.dagster.destinations import follow_live_release

        return published_lines(follow_live_release(settings))
    except CdpError as error:
        return [f"Not published further: {line}" for line in str(error).splitlines()]
