"""Which destinations do not show the live release, and why."""

from datetime import UTC, datetime, timedelta

from cdp_orchestration.destinations import Standing, destinations_file, standings
from cdp_orchestration.errors import CdpError, DeclarationError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.notifications import Finding
from cdp_orchestration.release.pointer import read_pointer

TIME_TO_FOLLOW = timedelta(minutes=15)
"""A release that became live just now is still on its way."""


def destination_findings(settings: Settings) -> list[Finding]:
    """Return a finding for each destination that could not be published to, or was not in a quarter of an hour.

    Args:
        settings: the home; no destination is asked.
    """
    try:
        behind = [each for each in standings(settings) if each.is_behind]
    except DeclarationError as error:
        return [_broken(settings, error)]
    except CdpError:  # of the live release, which has a finding of its own
        return []
    is_overdue = _is_overdue(settings)
    return [_finding(each) for each in behind if each.state.problem or is_overdue]


def _is_overdue(settings: Settings) -> bool:
    pointer = read_pointer(settings.releases)
    try:
        since = datetime.fromisoformat(pointer.published_at) if pointer else datetime.now(UTC)
        return datetime.now(UTC) - since > TIME_TO_FOLLOW
    except (ValueError, TypeError):  # a pointer of an earlier version
        return True


def _finding(each: Standing) -> Finding:
    shown = f"It shows release {each.state.release_id}" if each.state.release_id else "It shows no release"
    return Finding(
        kind="stale_destination",
        subject=each.name,
        severity="warning",
        what=f"Destination {each.name} does not show the live release. {shown}; the release itself is live.",
        remedy=f"`cdp releases publish {each.name}` tries again and says why; the next sync does, too.",
        details=(each.state.problem,) if each.state.problem else (),
    )


def _broken(settings: Settings, error: DeclarationError) -> Finding:
    name = destinations_file(settings).name
    return Finding(
        kind="stale_destination",
        subject=name,
        severity="warning",
        what=f"{name} cannot be read, so that no destination follows the live release. Syncs go on.",
        remedy="`cdp releases destinations` names line and field; correct them.",
        details=tuple(str(error).splitlines()),
    )
