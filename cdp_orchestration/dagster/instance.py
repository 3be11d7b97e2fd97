"""Dagster's own home: created with safe defaults, opened for a run or for the UI."""

import os
from pathlib import Path

import dagster as dg
import yaml

from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.settings import Settings

_RUNS_READ = 500

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
  enabled: true             # a run that does not start, or does not end when it is canceled, is marked as failed
run_retries:
  enabled: true
  max_retries: 2            # of a run whose process was killed
  retry_on_asset_or_op_failure: false  # what a gate refused once, it refuses again
retention:
  schedule:
    purge_after_days: 30
  sensor:
    purge_after_days: 30
"""

# What earlier versions wrote: a file that is still as it was written is renewed
FORMER_DAGSTER_YAML = (
    """\
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
""",
)


# The name of the code location is part of the key under which Dagster stores what is running and what is stopped
_WORKSPACE_YAML = """\
# Written by every `cdp dev`.
load_from:
  - python_module:
      module_name: cdp_orchestration.definitions
      location_name: cdp
"""


def prepare_instance(settings: Settings) -> Path:
    """Create Dagster's home with its defaults, point the environment at it, and return it."""
    folder = settings.dagster_home
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "dagster.yaml"
    if not configuration.exists() or _text(configuration) in FORMER_DAGSTER_YAML:
        configuration.write_text(_DAGSTER_YAML, encoding="utf-8")
    os.environ["CDP_HOME"] = str(settings.home)
    os.environ["DAGSTER_HOME"] = str(folder)
    return folder


def _text(configuration: Path) -> str:
    try:
        text = configuration.read_text(encoding="utf-8")
        is_mapping = isinstance(yaml.safe_load(text), dict)
    except (ValueError, yaml.YAMLError):
        is_mapping = False
    if not is_mapping:
        raise SettingsError(
            f"{configuration} cannot be read, expected the settings of Dagster as YAML. Correct it, or let `cdp "
            "repair` put it aside: the next command writes it with its defaults"
        )
    return text


def write_workspace(folder: Path) -> Path:
    """Write the file that names the code location, so that no project file is needed, into Dagster's home."""
    path = folder / "workspace.yaml"
    path.write_text(_WORKSPACE_YAML, encoding="utf-8")
    return path


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Open Dagster's storage of this home: its runs show in the UI."""
    prepare_instance(settings)
    return dg.DagsterInstance.get()


def begin_retries(instance: dg.DagsterInstance) -> None:
    """Let Dagster retry the runs that fail from now on; a home where it has begun before stays as it is.

    Otherwise its daemon begins at its own first look, warns of that, and retries no run that was closed before.
    """
    events = (dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_SUCCESS)
    cursors = {f"EVENT_LOG_CONSUMER_CURSOR-{event.value}" for event in events}
    missing = cursors - instance.daemon_cursor_storage.get_cursor_values(cursors).keys()
    if missing:
        newest = str(instance.event_log_storage.get_maximum_record_id() or 0)
        instance.daemon_cursor_storage.set_cursor_values(dict.fromkeys(missing, newest))


def running_instigators(settings: Settings) -> set[str]:
    """Return the names of the schedules and sensors that a user has started."""
    return {state.instigator_name for state in open_instance(settings).all_instigator_state() if state.is_running}


def newest_runs(settings: Settings) -> list[tuple[str, str, str, float | None, float | None]]:
    """Return run id, job, status in lower case, start and end (seconds since 1970) of the newest runs, newest first."""
    records = open_instance(settings).get_run_records(limit=_RUNS_READ)
    runs = ((record.dagster_run, record.start_time, record.end_time) for record in records)
    return [(run.run_id, run.job_name, run.status.value.lower(), start, end) for run, start, end in runs]


def newest_sign_of_daemon(settings: Settings) -> float | None:
    """Return when Dagster's daemon of a home last gave a sign, in seconds since 1970; None where it never did."""
    signs = open_instance(settings).get_daemon_heartbeats().values()
    return max((sign.timestamp for sign in signs), default=None)
