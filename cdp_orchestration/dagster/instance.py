"""Dagster's own home: created with sane defaults, opened for a run or for the UI."""

import os
from pathlib import Path

import dagster as dg

from cdp_orchestration.home.settings import Settings

_DAGSTER_YAML = """\
# Written once; edit it freely.
nux:
  enabled: false            # no newsletter
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1  # one process writes a home; further runs wait in the queue
run_monitoring:
  enabled: true             # a run whose process was killed is marked as failed
retention:
  schedule:
    purge_after_days: 30
  sensor:
    purge_after_days: 30
"""


def prepare_instance(settings: Settings) -> Path:
    """Create Dagster's home with its defaults, point the environment at it, and return it."""
    folder = settings.dagster_home
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "dagster.yaml"
    if not configuration.exists():
        configuration.write_text(_DAGSTER_YAML, encoding="utf-8")
    os.environ["CDP_HOME"] = str(settings.home)
    os.environ["DAGSTER_HOME"] = str(folder)
    return folder


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Open Dagster's storage of this home: its runs show in the UI."""
    prepare_instance(settings)
    return dg.DagsterInstance.get()


def close_killed_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs as failed whose process was killed, so that they do not stay "started" for ever; return their ids.

    Only the holder of the writer's lock may call it: while it holds the lock no run can be alive.
    """
    killed = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    for run in killed:
        instance.report_run_failed(run, "The process of this run ended without a word; the next sync does its work.")
    return [run.run_id for run in killed]
