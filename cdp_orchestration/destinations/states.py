"""What each destination has, as the last publication left it: known without asking the destination."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from cdp_orchestration.destinations.declaration import Destination, read_destinations
from cdp_orchestration.destinations.faults import DestinationError, PassingDestinationError
from cdp_orchestration.destinations.sending import contents_of
from cdp_orchestration.home.durable_files import write_json
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import Release, live_release


@dataclass(frozen=True)
class State:
    """What a destination has.

    Attributes:
        release_id: the release that it shows; None before the first.
        contents: the fingerprint of what it shows.
        published_at: when that was last seen to be so, ISO 8601 in UTC.
        problem: why the last publication failed; None where it did not.
        failed_at: when, ISO 8601 in UTC.
    """

    release_id: str | None = None
    contents: str | None = None
    published_at: str | None = None
    problem: str | None = None
    failed_at: str | None = None


@dataclass(frozen=True)
class Standing:
    """A declared destination and what it has.

    Attributes:
        name: its name.
        declared: its declaration.
        state: what it has.
        is_behind: whether it does not show the live release as declared; false where there is no release.
    """

    name: str
    declared: Destination
    state: State
    is_behind: bool

    @property
    def is_reached(self) -> bool:
        """Whether the last publication has left it as it should be."""
        return not self.is_behind and self.state.problem is None


def standings(settings: Settings) -> list[Standing]:
    """Return the declared destinations of a home in order; no destination is asked.

    Args:
        settings: the home.

    Returns:
        Each with what it has; DeclarationError where the file cannot be read, DamagedReleaseError where the live
        release cannot.
    """
    declared = read_destinations(settings)
    live = {folder: live_release(folder) for folder in {each.releases(settings) for each in declared.values()}}
    return [_standing(settings, name, each, live[each.releases(settings)]) for name, each in declared.items()]


def _standing(settings: Settings, name: str, declared: Destination, live: Release | None) -> Standing:
    state = read_state(settings, name)
    return Standing(name, declared, state, live is not None and state.contents != _wanted(live, name, declared))


def _wanted(live: Release, name: str, declared: Destination) -> str:
    try:
        return contents_of(live, name, declared).fingerprint
    except DestinationError:  # the publication says so
        return ""


def read_state(settings: Settings, name: str) -> State:
    """Return what a destination has; nothing is known of one whose file is missing or damaged."""
    try:
        found = json.loads(_file(settings, name).read_text(encoding="utf-8"))
        return State(**{each.name: found.get(each.name) for each in fields(State)})
    except (OSError, ValueError, AttributeError):
        return State()


def note_published(settings: Settings, name: str, release_id: str, contents: str) -> None:
    """Note that a destination shows a release."""
    state = State(release_id, contents, datetime.now(UTC).isoformat(timespec="seconds"))
    write_json(_file(settings, name), asdict(state))


def note_failed(settings: Settings, name: str, problem: str) -> None:
    """Note why a destination could not be published to; it shows what it did."""
    failed_at = datetime.now(UTC).isoformat(timespec="seconds")
    write_json(_file(settings, name), asdict(replace(read_state(settings, name), problem=problem, failed_at=failed_at)))


@contextmanager
def only_publisher(settings: Settings, name: str) -> Iterator[None]:
    """Let this process alone publish to a destination while the block runs.

    Args:
        settings: the home.
        name: the destination.

    Yields:
        Nothing. The system releases the lock with the process, however that ends.

    Raises:
        PassingDestinationError: another process has published to it for the time that a command waits.
    """
    file = _file(settings, name).with_suffix(".lock")
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        held = FileLock(file).acquire(timeout=settings.short_wait_seconds)
    except Timeout:
        message = f"another process of this home publishes to {name}; try again when it has ended"
        raise PassingDestinationError(message) from None
    with held:
        yield


def _file(settings: Settings, name: str) -> Path:
    return settings.home / "destinations" / f"{name}.json"
