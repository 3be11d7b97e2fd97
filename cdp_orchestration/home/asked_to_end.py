"""Signals that ask the process to end, noted by the system, so that none is lost on the way through a library."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def noted_requests() -> Iterator[Callable[[], int | None]]:
    """Note the signals that come while the block runs.

    A handler's exception that is raised within a callback of a library is lost with it.

    Yields:
        What returns the signal that has asked this process to end, once, and None where none has.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None  # only the main thread hears signals
        return

    def request() -> int | None:
        try:
            came = os.read(reading, 64)
        except BlockingIOError:
            return None
        return next((number for number in came if number in ASKING), None)

    reading, writing = os.pipe()
    for each in (reading, writing):
        os.set_blocking(each, False)
    former = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield request
    finally:
        signal.set_wakeup_fd(former)
        if former >= 0 and (unanswered := request()):
            os.write(former, bytes([unanswered]))
        os.close(reading)
        os.close(writing)
