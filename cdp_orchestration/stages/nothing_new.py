"""Whether a sync would have anything to do, found out before one is started and without what a run needs."""

from collections.abc import Collection

from cdp_orchestration.errors import WriterBusyError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.landing.fetching import fetch_stream, fetched_streams
from cdp_orchestration.landing.states.waiting_files import is_everything_landed
from cdp_orchestration.open_tier.following import is_in_step
from cdp_orchestration.release.integrity import missing_files
from cdp_orchestration.release.pointer import is_linked
from cdp_orchestration.release.reader import Release, live_release
from cdp_orchestration.sources import declared_streams
from cdp_orchestration.stages.chain import read_chain
from cdp_orchestration.stages.publications import is_live
from cdp_orchestration.stages.rollback import is_held


def up_to_date_release(settings: Settings, *, fetches: bool, sources: Collection[str] = ()) -> Release | None:
    """Return the live release if it holds all that has been delivered, by the present code and decisions.

    One that a person went back to counts as such until something else is delivered, declared or decided.

    Args:
        settings: the home.
        fetches: whether to fetch from the systems first, which may take as long as they do; else a home that fetches
            is never known to be up to date.
        sources: the sources whose deliveries are looked at; without one, all.

    Returns:
        The release; None where a sync has something to do, or where another process writes the home.
    """
    asked = [stream for stream in declared_streams(settings) if not sources or stream.source in sources]
    fetched = fetched_streams(asked, settings)
    if fetched and not fetches:
        return None
    for stream in fetched:
        fetch_stream(stream, settings)
    live = live_release(settings.releases)
    if live is None or any(missing_files(live)) or not settings.warehouse.exists():
        return None
    if not is_linked(settings.releases, live.release_id) or not is_in_step(settings):
        return None
    try:
        with read_warehouse(settings.warehouse) as connection:
            chain = read_chain(connection, settings)
            is_published = chain.is_complete and is_live(connection, settings, chain)
            is_done = is_published or is_held(settings, chain)
            return live if is_done and is_everything_landed(connection, settings, sources) else None
    except WriterBusyError:
        return None
