"""What the sources do not give: files that no stream reads, streams whose system could not be reached."""

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.fetching import fetch_problem
from cdp_orchestration.landing.unread_files import unread_folders
from cdp_orchestration.sources import declared_streams


def delivery_notices(settings: Settings) -> list[str]:
    """Return a sentence for each folder that is not read and each stream that was not fetched, with what to do."""
    problems = ((stream, fetch_problem(stream, settings)) for stream in declared_streams(settings))
    return [
        *(f"Not read: {folder}" for folder in unread_folders(settings)),
        *(f"Not fetched: {stream.source}/{stream.name}: {problem}" for stream, problem in problems if problem),
    ]
