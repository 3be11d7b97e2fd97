"""What the sources do not give: paused ones, late streams, files that no stream reads, streams not fetched."""

from collections.abc import Iterator
from datetime import UTC, datetime

from cdp_orchestration.errors import DamagedWarehouseError, WriterBusyError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.landing.fetching import fetch_problem
from cdp_orchestration.landing.pauses import paused_sources
from cdp_orchestration.landing.states.lateness import last_deliveries, lateness_by_table
from cdp_orchestration.landing.states.unread_files import unread_folders
from cdp_orchestration.sources import declared_streams


def delivery_notices(settings: Settings) -> list[str]:
    """Return a sentence, with what to do, for each paused source, late stream, unread folder and failed fetch."""
    paused = paused_sources(settings)
    problems = ((stream, fetch_problem(stream, settings)) for stream in declared_streams(settings))
    return [
        *(f"Paused: {name}, since {since}; `cdp source resume {name}`" for name, since in paused.items()),
        *_late_streams(settings),
        *(f"Not read: {folder}" for folder in unread_folders(settings)),
        *(
            f"Not fetched: {stream.source}/{stream.name}, since {problem.since}: {problem.message}"
            for stream, problem in problems
            if problem
        ),
    ]


def _late_streams(settings: Settings) -> Iterator[str]:
    if not settings.warehouse.exists():
        return
    try:
        with read_warehouse(settings.warehouse) as connection:
            delivered = last_deliveries(connection)
    except WriterBusyError:  # the process that writes the home says it when it has ended
        return
    except DamagedWarehouseError:  # which is a finding of its own
        return
    now = datetime.now(UTC).replace(tzinfo=None)
    streams = declared_streams(settings)
    found = lateness_by_table(streams, delivered, paused_sources(settings), now)
    for stream in streams:
        late = found.get(stream.table)
        if late and late.punctuality != "in time":
            yield f"Late: {stream.source}/{stream.name}: {late.sentence}"
