"""Read the next rows of a file while the last ones are checked and written: each of two processors has its work."""

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

Item = TypeVar("Item")
_ITEMS_AHEAD = 1  # so many parts of a file more are in memory


def read_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the same items, each made in a thread of its own while the one before is in use.

    What the thread raises is raised here, after the items before it. Leaving early ends the thread.
    """
    found: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(_ITEMS_AHEAD)
    is_over = threading.Event()

    def put(item: Item | None, error: BaseException | None) -> None:
        while not is_over.is_set():
            try:
                found.put((item, error), timeout=0.1)
            except queue.Full:
                continue
            return

    def read() -> None:
        try:
            for item in items:
                put(item, None)
                if is_over.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again where the items are used
            put(None, error)
        else:
            put(None, StopIteration())

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        while True:
            item, error = found.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]
    finally:
        is_over.set()
        thread.join()
