"""What started a run, as a tag of it: a schedule, a sensor, the `cdp` command, or a person in the UI."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import dagster as dg

TRIGGER_TAG = "cdp/trigger"
SOURCE_TAG = "cdp/source"  # the one source whose files the run lands, where it does not land all
FETCHED_TAG = "cdp/fetched_at"  # when the fetch began by which a sync knew that it had something to do
Trigger = Literal["schedule", "sensor", "command", "hand"]

_OF_DAGSTER: Mapping[str, Trigger] = {"dagster/schedule_name": "schedule", "dagster/sensor_name": "sensor"}


def note_trigger(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Add the tag to a run that starts, unless whoever asked for it has set it."""
    if TRIGGER_TAG not in run.tags:
        instance.add_run_tags(run.run_id, {TRIGGER_TAG: trigger_of(run.tags)})


def let_end(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Let Dagster start a run not again that asks for what is not there: it would fail in the same way."""
    instance.add_run_tags(run.run_id, {"dagster/max_retries": "0"})


def fetched_since(tags: Mapping[str, str]) -> datetime | None:
    """Return the time from which on a fetch need not be repeated by the run with these tags."""
    return datetime.fromisoformat(tags[FETCHED_TAG]) if FETCHED_TAG in tags else None


def trigger_of(tags: Mapping[str, str]) -> Trigger:
    """Return what started a run with these tags; without one of Dagster's own, a person did."""
    return next((trigger for tag, trigger in _OF_DAGSTER.items() if tag in tags), "hand")
