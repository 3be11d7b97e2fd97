"""What starts by itself once a user has started it, and whether it is running; read without importing Dagster."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from cdp_orchestration.dagster.run_history import SYNC_JOB, is_stored_in_files
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sqlite_files import address_to_read
from cdp_orchestration.sources import declared_sources

HOURLY_SCHEDULE, INBOX_SENSOR, FRESHNESS_SENSOR = "hourly_sync", "inbox_sensor", "freshness_sensor"
PRUNE_JOB, NIGHTLY_PRUNE = "prune", "nightly_prune"
ERASE_JOB, ERASURE_SENSOR, INACTIVE_JOB = "erase_people", "erasure_sensor", "inactive_people"
STARTS_NO_SYNC = frozenset({NIGHTLY_PRUNE})


def automation_states(settings: Settings) -> dict[str, bool]:
    """Return whether each schedule and sensor that a user starts is running, by name; the others run by themselves."""
    names = [HOURLY_SCHEDULE, INBOX_SENSOR, NIGHTLY_PRUNE]
    names += [schedule_name(source.name) for source in declared_sources(settings) if source.schedule]
    running = _running(settings)
    return {name: name in running for name in names}


def job_name(source: str) -> str:
    """Return the name of a source's job."""
    return f"{SYNC_JOB}_{source}"


def schedule_name(source: str) -> str:
    """Return the name of a source's schedule."""
    return f"{job_name(source)}_schedule"


def _running(settings: Settings) -> set[str]:
    if not settings.dagster_home.exists():
        return set()
    if not is_stored_in_files(settings):
        from cdp_orchestration.dagster.instance import running_instigators

        return running_instigators(settings)
    file = settings.dagster_home / "schedules" / "schedules.db"
    return _running_in_file(file) if file.exists() else set()


def _running_in_file(file: Path) -> set[str]:
    with closing(sqlite3.connect(address_to_read(file), uri=True)) as connection:
        # Dagster creates the file before its tables
        if not connection.execute("select 1 from sqlite_master where name = 'instigators'").fetchall():
            return set()
        rows = connection.execute("select instigator_body from instigators where status <> 'STOPPED'").fetchall()
    # Dagster still writes the name of a schedule or sensor as that of a job
    return {str(json.loads(body)["origin"]["job_name"]) for (body,) in rows}
