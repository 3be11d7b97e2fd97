"""Which release is live: ``CURRENT.json``, replaced in one step, and ``current``, a link to its folder for readers."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from cdp_orchestration.errors import DamagedReleaseError
from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, sync_to_disk, write_json

POINTER = "CURRENT.json"
LINK = "current"
PRUNED_PREFIX = ".pruned-"
"""A folder that is being removed: out of the list of releases in one step, its files after that."""


@dataclass(frozen=True)
class Rollback:
    """Why an older release is live again.

    Attributes:
        from_release_id: the release that was live before.
        fingerprint: what the chain held then; as long as it holds just that, a sync publishes nothing. Empty where
            the chain held something else than the release that was live.
        at: when, ISO 8601 in UTC.
        by: who did it.
        why: the reason that the person gave.
    """

    from_release_id: str
    fingerprint: str
    at: str
    by: str
    why: str

    def __str__(self) -> str:
        return f"{self.by} went back to it from {self.from_release_id} on {self.at[:10]} ({self.why})"


@dataclass(frozen=True)
class Pointer:
    """What ``CURRENT.json`` says.

    Attributes:
        release_id: the live release.
        published_at: when it became live, ISO 8601 in UTC.
        former: the releases that were live before and are kept, the oldest first.
        rollback: why an older release is live again; None where the newest is.
    """

    release_id: str
    published_at: str
    former: tuple[str, ...] = ()
    rollback: Rollback | None = None


def current_release_id(releases: Path) -> str | None:
    """Return the live release's id, or None where nothing has been published; a damaged pointer is an error."""
    pointer = read_pointer(releases)
    return None if pointer is None else pointer.release_id


def read_pointer(releases: Path) -> Pointer | None:
    """Return what names the live release.

    Args:
        releases: the folder of all releases.

    Returns:
        The pointer; None where nothing has been published.

    Raises:
        DamagedReleaseError: the file does not name a release.
    """
    file = releases / POINTER
    if not file.exists():
        return None
    try:
        content: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = None
    release_id = content.get("release_id") if isinstance(content, dict) else None
    if not isinstance(release_id, str) or not release_id or Path(release_id).name != release_id:
        raise DamagedReleaseError(
            f'{file} does not name a release; expected {{"release_id": …}} with the name of a folder next to it. '
            "`cdp repair` makes the newest release live that is whole"
        )
    former = tuple(str(each) for each in content.get("former") or ())
    return Pointer(release_id, str(content.get("published_at")), former, _rollback(content.get("rollback")))


def point_to(
    releases: Path, release_id: str, now: datetime, *, former: Iterable[str], rollback: Rollback | None = None
) -> None:
    """Make a release live that lies in its folder, in one step; then let the link name it.

    Args:
        releases: the folder of all releases.
        release_id: the release.
        now: the time, in UTC.
        former: the releases that were live before, which stay.
        rollback: why an older release is live again.
    """
    kept = [each for each in dict.fromkeys(former) if each != release_id]
    pointer: dict[str, Any] = {"release_id": release_id, "published_at": now.isoformat(), "former": kept}
    write_json(releases / POINTER, pointer | ({"rollback": asdict(rollback)} if rollback else {}))
    link_current(releases, release_id)


def link_current(releases: Path, release_id: str) -> None:
    """Let ``current`` name the folder of the live release, in one step.

    Args:
        releases: the folder of all releases.
        release_id: the live release.

    Raises:
        OSError: the folder cannot be written.
    """
    if is_linked(releases, release_id):
        return
    unfinished = releases / f"{LINK}{UNFINISHED_ENDING}"
    unfinished.unlink(missing_ok=True)
    try:
        unfinished.symlink_to(release_id, target_is_directory=True)
    except OSError:
        if os.name == "nt":
            return  # Windows lets few users make links; CURRENT.json names the release there, too
        raise
    link = releases / LINK
    if link.is_dir() and not link.is_symlink():
        # A tool that copied the home put the files in the place of the link; the next run removes them
        link.rename(releases / f"{PRUNED_PREFIX}{LINK}-{release_id}")
    unfinished.replace(link)
    sync_to_disk(releases)


def is_linked(releases: Path, release_id: str) -> bool:
    """Return whether ``current`` names the folder of a release; true where the system lets no user make links."""
    link = releases / LINK
    if not link.is_symlink():
        return os.name == "nt"
    return link.readlink() == Path(release_id)


def _rollback(content: object) -> Rollback | None:
    if not isinstance(content, Mapping):
        return None
    return Rollback(*(str(content.get(field.name, "")) for field in fields(Rollback)))
