"""What a run fetches before it takes the writer's lock: another system may take as long as it likes."""

from collections.abc import Collection

import dagster as dg

from cdp_orchestration.dagster.run_history import SYNC_JOB
from cdp_orchestration.dagster.triggers import SOURCE_TAG, fetched_since
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.fetching import FetchOutcome, fetch_stream, fetched_streams
from cdp_orchestration.sources import Stream, declared_streams


def fetch_early(settings: Settings, run: dg.DagsterRun, sources: Collection[str]) -> dict[str, FetchOutcome]:
    """Fetch what a run is going to land.

    Args:
        settings: the home.
        run: the run.
        sources: the sources that it is configured to land; without one, all.

    Returns:
        The outcomes by the table of the stream; those without a connector have none.
    """
    chosen = [stream for stream in streams_of_run(run, settings) if not sources or stream.source in sources]
    since = fetched_since(run.tags)
    found = {stream.table: fetch_stream(stream, settings, since) for stream in fetched_streams(chosen, settings)}
    return {table: outcome for table, outcome in found.items() if outcome}


def streams_of_run(run: dg.DagsterRun, settings: Settings) -> list[Stream]:
    """Return the streams whose landing a run materializes, as far as the run itself says it.

    A run names its steps where it repeats a part of another, and its assets where a person chose some; else it does
    the whole of its job. A job of somebody else's says nothing here: its streams are fetched as they land.
    """
    streams = declared_streams(settings)
    if run.step_keys_to_execute is not None:
        return [stream for stream in streams if f"landing__{stream.table}" in run.step_keys_to_execute]
    if run.asset_selection is not None or run.asset_check_selection is not None:
        selected = run.asset_selection or frozenset()
        return [stream for stream in streams if dg.AssetKey(["landing", stream.table]) in selected]
    if SOURCE_TAG in run.tags:
        return [stream for stream in streams if stream.source == run.tags[SOURCE_TAG]]
    return list(streams) if run.job_name == SYNC_JOB else []
