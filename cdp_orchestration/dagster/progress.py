"""The progress of a run, from Dagster's events as they are stored: steps that start, stages that end."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import dagster as dg

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StepStarted:
    """A step that starts now, and how many of the run's steps have ended."""

    step: str
    ended: int
    total: int


@dataclass(frozen=True)
class StageEnded:
    """A stage of which every step has ended, or one has failed.

    ``row_count`` counts the rows of the tables that the stage made, None if it made none.
    """

    stage: str
    row_count: int | None
    seconds: float
    is_failed: bool = False


OnProgress = Callable[[StepStarted | StageEnded], None]

_ENDED = (dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_SKIPPED, dg.DagsterEventType.STEP_FAILURE)


class ProgressReporter:
    """Counts the steps of one run and calls a display; the run never fails by its display."""

    def __init__(self, steps: Iterable[str], on_progress: OnProgress) -> None:
        """Take the keys of all steps of the run, and the display."""
        self._left = Counter(map(stage_of, steps))
        self._total = self._left.total()
        self._ended = 0
        self._started_at: dict[str, float] = {}
        self._rows: dict[str, int] = {}
        self._failed: set[str] = set()
        self._on_progress: OnProgress | None = on_progress

    def handle(self, entry: dg.EventLogEntry) -> None:
        """Take one event of the run; Dagster calls this for each, in the thread of the run."""
        if self._on_progress is None:
            return
        try:
            self._count(entry, self._on_progress)
        except Exception:
            # Whatever is wrong with a terminal, the tables must be built and published.
            _logger.exception("The progress of the sync is no longer shown; the sync itself continues.")
            self._on_progress = None

    def _count(self, entry: dg.EventLogEntry, on_progress: OnProgress) -> None:
        event = entry.dagster_event
        if event is None or event.step_key is None:
            return
        stage = stage_of(event.step_key)
        if event.event_type == dg.DagsterEventType.STEP_START:
            self._started_at.setdefault(stage, entry.timestamp)
            on_progress(StepStarted(event.step_key, self._ended, self._total))
        elif event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            rows = _row_count(stage, event.step_materialization_data.materialization)
            self._rows[stage] = self._rows.get(stage, 0) + rows
        elif event.event_type in _ENDED:
            self._end(stage, entry.timestamp, event.event_type == dg.DagsterEventType.STEP_FAILURE, on_progress)

    def _end(self, stage: str, timestamp: float, is_failure: bool, on_progress: OnProgress) -> None:
        self._ended += 1
        self._left[stage] -= 1
        if stage in self._failed or not (is_failure or self._left[stage] == 0):
            return
        if is_failure:
            self._failed.add(stage)
        seconds = timestamp - self._started_at.get(stage, timestamp)
        on_progress(StageEnded(stage, self._rows.get(stage), seconds, is_failure))


def stage_of(step: str) -> str:
    """Return the stage of a step: the first word of its key."""
    return step.partition("_")[0]


def _row_count(stage: str, made: dg.AssetMaterialization) -> int:
    # The assets of a release have one row per published table; the tables' own rows stand in another entry.
    name = "published_rows" if stage == "release" else "dagster/row_count"
    found = made.metadata.get(name)
    return int(str(found.value)) if found is not None else 0
