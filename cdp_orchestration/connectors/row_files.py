"""JSON Lines in the inbox: files of bounded size that are either complete or absent, named in their order."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, sync_to_disk

MAX_FILE_BYTES = 64 * 1024 * 1024
# A fetch that delivers everything at once says in the name of each file how many there are, as a regular expression.
PART = r"-[0-9]{5}-of-([0-9]{5})\."
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_UNFINISHED = re.compile(r"\d{8}T\d{6}\.\d{6}Z-\d{5}\.jsonl" + re.escape(UNFINISHED_ENDING))


def stamp_after(now: datetime, earlier: str | None) -> str:
    """Return the time that begins the names of a fetch's files, later than that of the fetch before.

    Args:
        now: the time of the fetch.
        earlier: what this function returned for the fetch before.
    """
    stamp = now.astimezone(UTC).strftime(_STAMP)
    if earlier is None or stamp > earlier:
        return stamp
    return (datetime.strptime(earlier, _STAMP).replace(tzinfo=UTC) + timedelta(microseconds=1)).strftime(_STAMP)


def part_name(stamp: str, number: int, count: int, ending: str) -> str:
    """Return the name of one of so many files that a fetch delivers at once."""
    return f"{stamp}-{number:05}-of-{count:05}{ending}"


class RowFiles:
    """Writes lines below names that end ``.tmp``, and publishes each file when it is large enough.

    With ``at_once`` all files are published at the end, each with the number of all of them in its name, so that a
    snapshot is never taken for whole while it is there in part. Leaving without
    ``publish`` removes what is not published.
    """

    def __init__(self, folder: Path, stamp: str, *, at_once: bool, max_bytes: int = MAX_FILE_BYTES) -> None:
        self._folder, self._stamp, self._at_once, self._max_bytes = folder, stamp, at_once, max_bytes
        self._file: BinaryIO | None = None
        self._number = self._size = 0
        self._closed: list[Path] = []
        self.published: list[Path] = []
        self.row_count = 0
        self._unpublished_count = 0
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if _UNFINISHED.fullmatch(path.name):  # of a fetch that was killed
                path.unlink()

    def write(self, rows: list[str]) -> None:
        """Append rows, each a JSON text without line ends."""
        for row in rows:
            if self._file is None:
                self._number += 1
                path = self._folder / f"{self._stamp}-{self._number:05}.jsonl{UNFINISHED_ENDING}"
                self._file, self._size = path.open("wb"), 0
            self._size += self._file.write(row.encode() + b"\n")
            self.row_count += 1
            self._unpublished_count += 1
            if self._size >= self._max_bytes:
                self._close()

    def publish(self) -> None:
        """Flush what was written to the disk and give it its name."""
        self._close()
        self._publish_closed()

    def discard(self) -> None:
        """Remove what is not published; its rows count no more."""
        if self._file is not None:
            self._file.close()
            self._closed.append(Path(self._file.name))
            self._file = None
        for path in self._closed:
            path.unlink(missing_ok=True)
        self._closed.clear()
        self.row_count -= self._unpublished_count
        self._unpublished_count = 0

    def __enter__(self) -> "RowFiles":
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def _close(self) -> None:
        if self._file is None:
            return
        self._file.close()
        path = Path(self._file.name)
        self._file = None
        sync_to_disk(path)
        self._closed.append(path)
        if not self._at_once:
            self._publish_closed()

    def _publish_closed(self) -> None:
        for number, path in enumerate(self._closed, start=1):
            name = path.name.removesuffix(UNFINISHED_ENDING)
            if self._at_once:
                name = part_name(self._stamp, number, len(self._closed), ".jsonl")
            final = path.with_name(name)
            path.replace(final)
            self.published.append(final)
        if self._closed:
            sync_to_disk(self._folder)
        self._closed.clear()
        self._unpublished_count = 0
