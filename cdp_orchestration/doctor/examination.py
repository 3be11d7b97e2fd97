"""All checks, in the order in which they are shown; a further one is an entry in ``CHECKS``."""

import platform
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from cdp_orchestration.doctor.folders import folder_lines
from cdp_orchestration.doctor.installation import installed_version, library_line, python_line, wanted_libraries
from cdp_orchestration.doctor.landed_files import landed_lines
from cdp_orchestration.doctor.line import Line, fail, ok
from cdp_orchestration.doctor.privacy import privacy_line
from cdp_orchestration.doctor.releases import audit_line, open_tier_line, release_lines, retention_line
from cdp_orchestration.doctor.running import age, automation_lines, lock_lines
from cdp_orchestration.doctor.supplies import (
    delivery_lines,
    destination_lines,
    limit_lines,
    notification_lines,
    source_lines,
)
from cdp_orchestration.errors import DamagedReleaseError, DamagedWarehouseError, WriterBusyError
from cdp_orchestration.health import look_at
from cdp_orchestration.health.disk import space_of
from cdp_orchestration.home.settings import PROJECT_ROOT, Settings


def examine(settings: Settings) -> list[Line]:
    """Return the lines of all checks.

    Args:
        settings: the home.

    Returns:
        At least one line a check, in order. A check that breaks is a failed line, and the others go on.
    """
    return [line for name, check in CHECKS for line in _guarded(name, check, settings)]


def _guarded(name: str, check: Callable[[Settings], Iterable[Line]], settings: Settings) -> list[Line]:
    try:
        return list(check(settings))
    except Exception as error:  # noqa: BLE001 - whatever is broken in a home, the other checks have to be shown
        first = (str(error).splitlines() or [""])[0]
        return [fail(name, f"the check itself failed: {type(error).__name__}: {first}", "Correct what it names.")]


def _installation(_settings: Settings) -> list[Line]:
    wanted = wanted_libraries(PROJECT_ROOT / "requirements.txt")
    installed = {name: installed_version(name) for name in wanted}
    return [
        python_line((sys.version_info.major, sys.version_info.minor), platform.python_version()),
        library_line(wanted, installed),
    ]


def _folders(settings: Settings) -> list[Line]:
    return folder_lines(settings, space_of(settings))


def _locks(settings: Settings) -> list[Line]:
    return lock_lines(settings.writer_lock, sorted(settings.positions.glob("*/*.lock")))


def _automation(settings: Settings) -> list[Line]:
    if not settings.dagster_home.exists():
        return [ok("schedules", "none: neither a sync nor `cdp dev` has run in this home")]
    from cdp_orchestration.dagster.automation import automation_states
    from cdp_orchestration.dagster.instance import newest_sign_of_daemon
    from cdp_orchestration.dagster.run_history import last_runs

    now = datetime.now(UTC)
    newest = last_runs(settings, 1)
    last_sync: timedelta | None = age(newest[0].started_at, now) if newest else None
    return automation_lines(automation_states(settings), age(newest_sign_of_daemon(settings), now), last_sync)


def _deliveries(settings: Settings) -> list[Line]:
    try:
        return delivery_lines(look_at(settings).streams)
    except WriterBusyError as error:
        return [ok("deliveries", f"not looked at: {error}")]
    except (DamagedWarehouseError, DamagedReleaseError) as error:
        return [fail("deliveries", f"not known: {error}", "`cdp repair`, then `cdp sync`.")]


def _releases(settings: Settings) -> list[Line]:
    return [
        *release_lines(settings.releases),
        open_tier_line(settings),
        retention_line(settings),
        privacy_line(settings),
        audit_line(settings),
    ]


CHECKS: tuple[tuple[str, Callable[[Settings], Iterable[Line]]], ...] = (
    ("installation", _installation),
    ("home", _folders),
    ("locks", _locks),
    ("schedules", _automation),
    ("sources", source_lines),
    ("deliveries", _deliveries),
    ("landed files", landed_lines),
    ("limits", limit_lines),
    ("release", _releases),
    ("destinations", destination_lines),
    ("notifications", notification_lines),
)
