"""Signals that ask a command to end, so that what it started ends with it."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_ASKING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ends_in_order() -> Iterator[Callable[[], None]]:
    """Let a signal to end be an error like any other, so that what was started ends as well.

    Dagster has handlers of its own while a run lasts, and forgets a signal that comes as they change places. The system
    writes down each that comes, so that it can be asked for after the run.

    Yields:
        What ends the command if a signal has asked for it.
    """

    def end(number: int, _: FrameType | None = None) -> None:
        sys.exit(128 + number)

    def end_if_asked() -> None:
        try:
            came = os.read(reading, 64)
        except BlockingIOError:
            return
        for number in set(came).intersection(_ASKING):
            end(number)

    reading, writing = os.pipe()
    for each in (reading, writing):
        os.set_blocking(each, False)
    former = {number: signal.signal(number, end) for number in _ASKING}
    former_file = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield end_if_asked
    finally:
        signal.set_wakeup_fd(former_file)
        for number, handler in former.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)
