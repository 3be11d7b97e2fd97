"""Go back to an older release: it is live again in one step, and stays so until there is something else to publish."""

from datetime import UTC, datetime

import duckdb

from cdp_orchestration.errors import NoReleaseError, SettingsError, WriterBusyError
from cdp_orchestration.home.audit import record
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.release.integrity import require_sound
from cdp_orchestration.release.kept import find_release
from cdp_orchestration.release.pointer import Pointer, Rollback, point_to, read_pointer
from cdp_orchestration.stages.chain import Chain, read_chain
from cdp_orchestration.stages.publications import is_live


def roll_back(settings: Settings, asked: str, by: str, why: str) -> Pointer:
    """Make an older release live again, or undo that; the caller holds the writer's lock.

    The next sync that has something new builds on it: ids, events and histories go on from what readers see then.

    Args:
        settings: the home.
        asked: the release, or the first characters of its id.
        by: who does it.
        why: the reason.

    Returns:
        The pointer now; its ``rollback`` is None where the release from which one had gone back is live again.

    Raises:
        NoReleaseError: nothing has been published.
        SettingsError: the release is live already.
    """
    release = find_release(settings.releases, asked)
    before = read_pointer(settings.releases)
    if before is None:
        raise NoReleaseError(f"{settings.releases} holds no live release; `cdp sync` publishes the first")
    if release.release_id == before.release_id:
        raise SettingsError(f"release {release.release_id} is live already; `cdp releases list` shows the others")
    require_sound(release)
    now = datetime.now(UTC)
    is_undone = before.rollback is not None and before.rollback.from_release_id == release.release_id
    rollback = None
    if not is_undone:
        fingerprint = _fingerprint(settings, before)
        rollback = Rollback(_newest(before), fingerprint, now.isoformat(timespec="seconds"), by, why)
    point_to(settings.releases, release.release_id, now, former=(*before.former, before.release_id), rollback=rollback)
    about = {"from": before.release_id, "is_undone": is_undone}
    record(settings.audit, "rollback", release.release_id, by=by, why=why, details=about)
    return Pointer(release.release_id, now.isoformat(), before.former, rollback)


def is_held(settings: Settings, chain: Chain) -> bool:
    """Return whether a person went back to the live release, and the chain holds what it held then."""
    pointer = read_pointer(settings.releases)
    return pointer is not None and pointer.rollback is not None and pointer.rollback.fingerprint == chain.fingerprint


def rollback_sentence(settings: Settings) -> str | None:
    """Return that a person went back to the live release, and how to undo it; else None."""
    pointer = read_pointer(settings.releases)
    if pointer is None or pointer.rollback is None:
        return None
    return (
        f"Release {pointer.release_id} is live again: {pointer.rollback}. It stays so until something else is "
        f"delivered, declared or decided; `cdp releases rollback {pointer.rollback.from_release_id} --why …` undoes it"
    )


def _newest(before: Pointer) -> str:
    """Return the release to which an undo leads: of several rollbacks in a row, that before the first."""
    return before.rollback.from_release_id if before.rollback else before.release_id


def _fingerprint(settings: Settings, before: Pointer) -> str:
    """Return what the chain holds, empty where that is not what the release before the rollback holds."""
    try:
        with read_warehouse(settings.warehouse) as connection:
            chain = read_chain(connection, settings)
            is_known = before.rollback is not None and before.rollback.fingerprint == chain.fingerprint
            return chain.fingerprint if is_known or is_live(connection, settings, chain) else ""
    except (duckdb.Error, WriterBusyError):
        return ""  # with a warehouse that cannot be read, the next sync has something to do anyway
