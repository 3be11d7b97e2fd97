"""What the sources do not give: paused ones, files that no stream reads, streams that could not be fetched."""

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.fetching import fetch_problem
from cdp_orchestration.landing.pauses import paused_sources
from cdp_orchestration.landing.unread_files import unread_folders
from cdp_orchestration.sources import declared_streams


def delivery_notices(settings: Settings) -> list[str]:
    """Return a sentence, with what to do, for each paused source, unread folder and stream that was not fetched."""
    paused = paused_sources(settings)
    problems = ((stream, fetch_problem(stream, settings)) for stream in declared_streams(settings))
    return [
        *(f"Paused: {name}, since {since}; `cdp source resume {name}`" for name, since in paused.items()),
        *(f"Not read: {folder}" for folder in unread_folders(settings)),
        *(
            f"Not fetched: {stream.source}/{stream.name}, since {problem.since}: {problem.message}"
            for stream, problem in problems
            if problem
        ),
    ]
