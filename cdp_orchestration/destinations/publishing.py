"""Publish the live release to a destination, whatever that has now; doing it twice does nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from cdp_orchestration.destinations.declaration import Destination, Postgres, read_destinations
from cdp_orchestration.destinations.faults import DestinationError
from cdp_orchestration.destinations.sending import Publisher, Sent, contents_of
from cdp_orchestration.destinations.states import note_failed, note_published, only_publisher
from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.bundle import MANIFEST
from cdp_orchestration.release.integrity import require_sound
from cdp_orchestration.release.leases import take_lease
from cdp_orchestration.release.reader import Release, live_release, require_live_release


def publish_to(settings: Settings, name: str, *, only_newest: bool = False) -> Sent:
    """Let a destination show the live release.

    Args:
        settings: the home; its release is read, and held so that it is not pruned meanwhile. Nothing of it is written
            but what the destination has.
        name: the name of the destination.
        only_newest: whether nothing older than what it shows then may stay there, whatever it declares.

    Returns:
        What was done; nothing where the destination shows just that.

    Raises:
        CdpError: the destination is not declared, or could not be published to: it shows what it did. The reason is
            noted.
    """
    declared = _declared(settings, name)
    kept = declared.keeping_only_newest() if only_newest else declared
    with only_publisher(settings, name):
        try:
            with _held_live_release(settings, name, declared) as release:
                contents = contents_of(release, name, declared)
                publisher = publisher_of(name, kept)
                if publisher.shown() == contents.fingerprint and not only_newest:
                    sent = Sent(contents.release_id, False, len(contents.tables), contents.row_count)
                else:
                    # What is damaged here must not be seen elsewhere
                    require_sound(release, contents.tables.keys())
                    sent = publisher.send(contents)
        except CdpError as error:
            note_failed(settings, name, str(error))
            raise
        note_published(settings, name, contents.release_id, contents.fingerprint)
    return sent


def publisher_of(name: str, declared: Destination) -> Publisher:
    """Return the way to a destination; nothing is opened, and no secret read."""
    if isinstance(declared, Postgres):
        from cdp_orchestration.destinations.postgres import PostgresPublisher

        return PostgresPublisher(name, declared)
    if declared.kind == "files":
        from cdp_orchestration.destinations.files import FilesPublisher

        return FilesPublisher(name, declared)
    from cdp_orchestration.destinations.delta import DeltaPublisher

    return DeltaPublisher(name, declared)


def _declared(settings: Settings, name: str) -> Destination:
    declared = read_destinations(settings)
    if name not in declared:
        raise DestinationError(
            f"{name} is no destination of this home; expected one of {', '.join(declared) or 'those that it declares'} "
            "in destinations.yml"
        )
    return declared[name]


@contextmanager
def _held_live_release(settings: Settings, name: str, declared: Destination) -> Iterator[Release]:
    if declared.tier == "open" and live_release(settings.open_releases) is None:
        raise DestinationError(
            f"{name} is to have the open tier, and this home has none; {settings.open_tier.name} in the home declares "
            "one, and the next `cdp sync` writes it"
        )
    release = require_live_release(declared.releases(settings))
    with take_lease(release.folder / MANIFEST):
        yield release
