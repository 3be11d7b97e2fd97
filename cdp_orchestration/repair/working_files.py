"""Files that the platform works with and that no table depends on: put aside where they are damaged, and made anew."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import yaml

from cdp_orchestration.home.durable_files import put_aside
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.repair.repaired import Repair

_LOGS = ("-wal", "-shm", "-journal")
_SCHEDULES = "schedules.db"


def repair_working_files(settings: Settings) -> Iterator[Repair]:
    """Put aside what cannot be read of Dagster's storage, of what was notified and of Great Expectations' project.

    Args:
        settings: the home.

    Yields:
        What was wrong and what was done.
    """
    configuration = settings.dagster_home / "dagster.yaml"
    if configuration.exists() and not _is_mapping(configuration):
        aside = put_aside(configuration)
        done = f"put aside as {aside.name}; the next command writes it with its defaults: repeat what was set by hand"
        yield Repair("dagster.yaml", "cannot be read", done)
    for file in (settings.sent_notifications, *sorted(settings.dagster_home.rglob("*.db"))):
        if file.exists() and not _opens(file):
            aside = put_aside(file)
            for log in (file.with_name(file.name + ending) for ending in _LOGS):
                if log.exists():
                    put_aside(log)
            yield Repair(str(file.relative_to(settings.home)), "is no whole database", _begins_anew(file, aside))
    project = settings.home / "gx"
    if any(not _is_parsed(file) for file in _project_files(project)):
        aside = put_aside(project)
        yield Repair("gx", "has a file that cannot be read", f"put aside as {aside.name}; the next sync writes it anew")


def _begins_anew(file: Path, aside: Path) -> str:
    done = f"put aside as {aside.name}; it begins anew"
    if file.name == _SCHEDULES:
        return f"{done}: start schedules and sensors again in `cdp dev`"
    return f"{done}: what stands is sent once more" if file.suffix == ".sqlite" else done


def _opens(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(file)) as connection:
            return bool(connection.execute("pragma quick_check(1)").fetchall() == [("ok",)])
    except sqlite3.DatabaseError:
        return False


def _project_files(project: Path) -> Iterator[Path]:
    yield from project.glob("*.yml")
    for folder in ("expectations", "checkpoints", "validation_definitions"):
        yield from (project / folder).rglob("*.json")


def _is_parsed(file: Path) -> bool:
    if file.suffix == ".yml":
        return _is_mapping(file)
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True


def _is_mapping(file: Path) -> bool:
    try:
        return isinstance(yaml.safe_load(file.read_text(encoding="utf-8")), dict)
    except (ValueError, yaml.YAMLError):
        return False
