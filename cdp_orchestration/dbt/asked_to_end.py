"""A signal that asks the process to end while dbt runs."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ASKING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ending_dbt_with_signals() -> Iterator[None]:
    """Hand a signal to end on to dbt as the interruption that it knows, and send it again once dbt has ended.

    dbt stops the queries of its threads for a KeyboardInterrupt alone: after another error they went on, and kept the
    warehouse. It also turns what was raised into a result, or loses it.

    Yields:
        Once, to the block that runs dbt.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return
    came: list[int] = []

    def interrupt(number: int, _: FrameType | None) -> None:
        came.append(number)
        raise KeyboardInterrupt

    former = {number: signal.signal(number, interrupt) for number in _ASKING}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])
