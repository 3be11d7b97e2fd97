"""A new release of what was published last, from a warehouse that still holds just that."""

import shutil
from collections.abc import Collection
from datetime import datetime

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.bundle import PublishedTable, new_release_id, write_candidate
from cdp_orchestration.release.publication import CANDIDATE_PREFIX, candidate_folder, publish_as
from cdp_orchestration.stages.chain import unlinked_chain
from cdp_orchestration.stages.publications import held_release_id, record_publication
from cdp_orchestration.stages.release_facts import release_facts

RUN_ID = "cdp repair"


def published_last(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return the id of the release that was published last, if the warehouse still holds just that."""
    return held_release_id(connection, unlinked_chain(connection))


def cut_again(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    tables: Collection[PublishedTable],
    *,
    previous: str | None,
    were_live: Collection[str],
    now: datetime,
) -> str | None:
    """Publish what the warehouse holds, if that is what was published last; its gates have passed then.

    Args:
        connection: the warehouse.
        settings: the home.
        tables: the published tables.
        previous: the release that readers find before it.
        were_live: the ids of all releases.
        now: the time, in UTC.

    Returns:
        The id of the new release, which is live; None where the warehouse is new or has gone on.
    """
    chain = unlinked_chain(connection)
    held = held_release_id(connection, chain)
    if held is None:
        return None
    releases = settings.releases
    for left in releases.glob(f"{CANDIDATE_PREFIX}*"):
        shutil.rmtree(left)
    release_id = new_release_id(now, max([held, *were_live]))
    about = release_facts(connection, settings, chain, release_id=release_id, previous=previous, run_id=RUN_ID, now=now)
    manifest = write_candidate(connection, candidate_folder(releases, release_id), tables, about)
    publish_as(releases, manifest, were_live, now, settings.readers_group)
    record_publication(connection, chain, release_id, RUN_ID, "hand")
    return release_id
