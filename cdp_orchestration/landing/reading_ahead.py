"""Read and check the next rows of a file while the last ones are written: each of two processors has its work."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Item = TypeVar("Item")
_END: Final = object()


def read_ahead(items: Iterator[Item]) -> Generator[Item]:
    """Yield the same items, each made in a thread of its own while the one before is in use.

    What making an item raises is raised here in its place. Leaving early waits for the item that is being made.
    """
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(next, items, _END)
        while (item := following.result()) is not _END:
            following = reader.submit(next, items, _END)
            yield item  # type: ignore[misc]
