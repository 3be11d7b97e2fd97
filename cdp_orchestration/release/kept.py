"""The releases that a home keeps, the pins that hold them, and whether each opens."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cdp_orchestration.errors import DamagedReleaseError, SettingsError
from cdp_orchestration.home.durable_files import write_json
from cdp_orchestration.release.pointer import Pointer, read_pointer
from cdp_orchestration.release.publication import release_folders
from cdp_orchestration.release.reader import Release, open_release

PINS = "PINNED.json"


@dataclass(frozen=True)
class Pin:
    """Why a release is never pruned.

    Attributes:
        by: who pinned it.
        why: the reason that the person gave.
        at: when, ISO 8601 in UTC.
    """

    by: str
    why: str
    at: str


@dataclass(frozen=True)
class KeptRelease:
    """A release whose folder is there.

    Attributes:
        release_id: its id.
        is_live: whether it is the live one.
        pin: why it is never pruned; None where it may be.
        release: the release; None where its manifest cannot be read.
        problem: why it cannot be read; None where it can.
    """

    release_id: str
    is_live: bool
    pin: Pin | None
    release: Release | None
    problem: str | None = None


def kept_releases(releases: Path) -> list[KeptRelease]:
    """Return the releases that were ever live and are still there.

    Args:
        releases: the folder of all releases.

    Returns:
        The live one first, then the others, the newest first.
    """
    pointer = read_pointer(releases)
    if pointer is None:
        return []
    pins = read_pins(releases)
    ids = [pointer.release_id, *sorted(_were_live(releases, pointer), reverse=True)]
    return [_kept(releases / each, pins.get(each), is_live=each == pointer.release_id) for each in ids]


def find_release(releases: Path, asked: str) -> Release:
    """Return a kept release that opens; see ``find_kept``.

    Args:
        releases: the folder of all releases.
        asked: its id or the first characters, or "live".

    Returns:
        The release.

    Raises:
        DamagedReleaseError: its manifest cannot be read.
    """
    found = find_kept(releases, asked)
    if found.release is None:
        raise DamagedReleaseError(str(found.problem))
    return found.release


def find_kept(releases: Path, asked: str) -> KeptRelease:
    """Return the kept release whose id begins with what a person typed; "live" names the live one.

    Args:
        releases: the folder of all releases.
        asked: the id or its first characters.

    Returns:
        The release, which may be damaged.

    Raises:
        SettingsError: none, or more than one, is named so.
    """
    kept = kept_releases(releases)
    found = [each for each in kept if each.release_id.startswith(asked) or (asked == "live" and each.is_live)]
    if len(found) != 1:
        known = ", ".join(each.release_id for each in kept[:5]) or "none"
        raise SettingsError(
            f"{len(found)} releases of {releases} have an id that begins with {asked!r}, expected one; the newest are "
            f"{known}; `cdp releases list` shows all"
        )
    return found[0]


def read_pins(releases: Path) -> dict[str, Pin]:
    """Return the pins by release.

    Args:
        releases: the folder of all releases.

    Returns:
        Each pinned release with who pinned it and why.

    Raises:
        DamagedReleaseError: the file of pins cannot be read; nothing may be pruned then.
    """
    file = releases / PINS
    if not file.exists():
        return {}
    try:
        return {str(name): Pin(**pin) for name, pin in json.loads(file.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise DamagedReleaseError(
            f'{file} cannot be read ({type(error).__name__}); expected {{"<release>": {{"by", "why", "at"}}}}. '
            "Correct it, or remove it and pin the releases again with `cdp releases pin`"
        ) from error


def set_pin(releases: Path, release_id: str, pin: Pin | None) -> None:
    """Pin a release, or take its pin away with None; the caller holds the writer's lock."""
    pins: dict[str, Any] = {name: asdict(each) for name, each in read_pins(releases).items() if name != release_id}
    write_json(releases / PINS, pins | ({release_id: asdict(pin)} if pin else {}))


def new_pin(by: str, why: str) -> Pin:
    """Return a pin of this moment."""
    return Pin(by, why, datetime.now(UTC).isoformat(timespec="seconds"))


def _were_live(releases: Path, pointer: Pointer) -> Iterator[str]:
    """Yield the releases that are there but for the live one and one whose run was killed before it went live."""
    for folder in release_folders(releases):
        # A home of an earlier version has no list of former releases: each older folder was live
        was_live = folder.name in pointer.former or folder.name < pointer.release_id
        if folder.name != pointer.release_id and was_live:
            yield folder.name


def _kept(folder: Path, pin: Pin | None, *, is_live: bool) -> KeptRelease:
    try:
        return KeptRelease(folder.name, is_live, pin, open_release(folder))
    except DamagedReleaseError as error:
        return KeptRelease(folder.name, is_live, pin, None, str(error))
