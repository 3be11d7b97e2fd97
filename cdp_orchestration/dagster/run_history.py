"""The newest runs of the main job, read from Dagster's SQLite file: importing Dagster alone takes seconds of CPU."""

import os
import re
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cdp_orchestration.home.settings import Settings

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


def is_stored_in_files(settings: Settings) -> bool:
    """Return whether Dagster keeps what it stores of a home in SQLite files below the home."""
    configuration = settings.dagster_home / "dagster.yaml"
    return not (configuration.exists() and _OTHER_STORAGE.search(configuration.read_text(encoding="utf-8")))


def _runs_in_file(file: Path, limit: int) -> list[PastRun]:
    # SQLite makes a file beside the one that it reads, but for one that it is promised not to change
    is_read_only = sys.platform != "win32" and os.statvfs(file).f_flag & os.ST_RDONLY
    mode = "mode=ro&immutable=1" if is_read_only else "mode=ro"
    with closing(sqlite3.connect(f"{file.as_uri()}?{mode}", uri=True)) as connection:
        return [PastRun(*row) for row in connection.execute(_NEWEST_RUNS, (SYNC_JOB, limit)).fetchall()]
