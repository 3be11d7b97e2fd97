"""The newest runs of the main job, read from Dagster's SQLite file: importing Dagster alone takes seconds of CPU."""

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sqlite_files import address_to_read

SYNC_JOB = "sync"

# Settings of dagster.yaml by which runs, schedules and sensors are stored elsewhere than in its files
_OTHER_STORAGE = re.compile(r"^(storage|run_storage|schedule_storage)\s*:", re.MULTILINE)

_NEWEST_RUNS = """
select run_id, lower(status), start_time, end_time
from runs
where pipeline_name = ?
order by id desc
limit ?
"""


@dataclass(frozen=True)
class PastRun:
    """One run of the main job: its status in lower case, its start and end in seconds since 1970, if it has them."""

    run_id: str
    status: str
    started_at: float | None
    ended_at: float | None


def last_runs(settings: Settings, limit: int) -> list[PastRun]:
    """Return the newest runs of the main job, the newest first; none where no run has been stored.

    Args:
        settings: the home. Where its dagster.yaml names another storage, Dagster itself is asked, which is slower.
        limit: how many runs at most.

    Returns:
        The same runs as Dagster's own API returns.
    """
    if not is_stored_in_files(settings):
        from cdp_orchestration.dagster.instance import runs_of_job

        return [PastRun(*row) for row in runs_of_job(settings, SYNC_JOB, limit)]
    file = settings.dagster_home / "history" / "runs.db"
    return _runs_in_file(file, limit) if file.exists() else []


def is_sync(job_name: str) -> bool:
    """Return whether a job syncs: all sources, or one."""
    return job_name == SYNC_JOB or job_name.startswith(f"{SYNC_JOB}_")


def is_stored_in_files(settings: Settings) -> bool:
    """Return whether Dagster keeps what it stores of a home in SQLite files below the home."""
    configuration = settings.dagster_home / "dagster.yaml"
    return not (
        configuration.exists() and _OTHER_STORAGE.search(configuration.read_text(encoding="utf-8", errors="replace"))
    )


def _runs_in_file(file: Path, limit: int) -> list[PastRun]:
    with closing(sqlite3.connect(address_to_read(file), uri=True)) as connection:
        return [PastRun(*row) for row in connection.execute(_NEWEST_RUNS, (SYNC_JOB, limit)).fetchall()]
