"""The progress of a sync: a display that moves in a terminal, one plain line a stage anywhere else.

A log of a scheduler or of continuous integration shows carriage returns and colours as noise, so the display moves
only where standard error is a terminal.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cdp_orchestration.dagster.progress import OnProgress, StageEnded, StepStarted

_logger = logging.getLogger(__name__)


@contextmanager
def shown_progress(stream: TextIO | None = None) -> Iterator[OnProgress]:
    """Show the progress of a sync during the block.

    Args:
        stream: where to write; standard error by default.

    Yields:
        What to call as steps start and stages end.
    """
    stream = stream or sys.stderr
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield PlainLines(stream)
        return
    display = MovingDisplay(stream)
    _contained(display.start)
    try:
        yield display
    finally:
        _contained(display.stop)


def _contained(action: Callable[[], None]) -> None:
    # A terminal that closes or fails must not fail the sync.
    try:
        action()
    except Exception:
        _logger.exception("The progress of the sync cannot be shown; the sync itself continues.")


class PlainLines:
    """One line a stage, as the stage ends."""

    def __init__(self, stream: TextIO) -> None:
        """Take the stream to write to."""
        self._stream = stream

    def __call__(self, progress: StepStarted | StageEnded) -> None:
        """Write a line if a stage has ended; a stage that made no table had nothing new and is left out."""
        if not isinstance(progress, StageEnded):
            return
        if progress.is_failed:
            self._write(f"{progress.stage}: failed after {progress.seconds:.1f} s")
        elif progress.row_count is not None:
            self._write(f"{progress.stage}: {progress.row_count:,} rows, {progress.seconds:.1f} s")

    def _write(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()


class MovingDisplay:
    """A spinner, the step that runs and a bar of the steps that have ended; removed at the end."""

    def __init__(self, stream: TextIO) -> None:
        """Prepare the display for a terminal."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=Console(file=stream), transient=True)
        self._task = self._progress.add_task("loading", total=None)

    def start(self) -> None:
        """Show the display."""
        self._progress.start()

    def __call__(self, progress: StepStarted | StageEnded) -> None:
        """Show the step that has started."""
        if isinstance(progress, StepStarted):
            self._progress.update(self._task, description=progress.step, completed=progress.ended, total=progress.total)

    def stop(self) -> None:
        """Remove the display."""
        self._progress.stop()
