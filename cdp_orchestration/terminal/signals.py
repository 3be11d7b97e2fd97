"""Signals that ask a command to end, so that what it started ends with it."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from cdp_orchestration.home.asked_to_end import noted_requests

_ASKING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ends_in_order() -> Iterator[Callable[[], None]]:
    """Let a signal to end be an error like any other, so that what was started ends as well.

    Dagster has handlers of its own while a run lasts, and forgets a signal that comes as they change places: it can be
    asked for after the run. Dagster has none for a terminal that hangs up, and would take that for the failure of one
    step: it is handed on as a request to end.

    Yields:
        What ends the command if a signal has asked for it.
    """

    def end(number: int, _: FrameType | None) -> None:
        if signal.getsignal(signal.SIGTERM) is not end:
            signal.raise_signal(signal.SIGTERM)
            return
        sys.exit(128 + number)

    def end_if_asked() -> None:
        if number := request():
            sys.exit(128 + number)

    former = {number: signal.signal(number, end) for number in _ASKING}
    try:
        with noted_requests() as request:
            yield end_if_asked
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
