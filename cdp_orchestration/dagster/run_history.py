"""The newest syncs, of all sources or of one, read from Dagster's file: importing Dagster takes seconds of CPU."""

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sqlite_files import address_to_read

SYNC_JOB = "sync"
_SYNC_OF_ONE = f"{SYNC_JOB}_"  # which the name of a source follows

# Settings of dagster.yaml by which runs, schedules and sensors are stored elsewhere than in its files
_OTHER_STORAGE = re.compile(r"^(storage|run_storage|schedule_storage)\s*:", re.MULTILINE)

_NEWEST_RUNS = """
select run_id, pipeline_name, lower(status), start_time, end_time
from runs
where pipeline_name = :all_sources or substr(pipeline_name, 1, length(:one_source)) = :one_source
order by id desc
limit :limit
"""


@dataclass(frozen=True)
class PastRun:
    """One sync and its job: its status in lower case, its start and end in seconds since 1970, if it has them."""

    run_id: str
    job_name: str
    status: str
    started_at: float | None
    ended_at: float | None


def last_runs(settings: Settings, limit: int) -> list[PastRun]:
    """Return the newest syncs, the newest first; none where no run has been stored.

    Args:
        settings: the home. Where its dagster.yaml names another storage, Dagster itself is asked, which is slower.
        limit: how many runs at most.

    Returns:
        The same runs as Dagster's own API returns.
    """
    if not is_stored_in_files(settings):
        from cdp_orchestration.dagster.instance import newest_runs

        return [PastRun(*row) for row in newest_runs(settings) if is_sync(row[1])][:limit]
    file = settings.dagster_home / "history" / "runs.db"
    return _runs_in_file(file, limit) if file.exists() else []


def is_sync(job_name: str) -> bool:
    """Return whether a job syncs: all sources, or one."""
    return job_name == SYNC_JOB or job_name.startswith(_SYNC_OF_ONE)


def is_stored_in_files(settings: Settings) -> bool:
    """Return whether Dagster keeps what it stores of a home in SQLite files below the home."""
    configuration = settings.dagster_home / "dagster.yaml"
    return not (
        configuration.exists() and _OTHER_STORAGE.search(configuration.read_text(encoding="utf-8", errors="replace"))
    )


def _runs_in_file(file: Path, limit: int) -> list[PastRun]:
    with closing(sqlite3.connect(address_to_read(file), uri=True)) as connection:
        parameters = {"all_sources": SYNC_JOB, "one_source": _SYNC_OF_ONE, "limit": limit}
        return [PastRun(*row) for row in connection.execute(_NEWEST_RUNS, parameters).fetchall()]
