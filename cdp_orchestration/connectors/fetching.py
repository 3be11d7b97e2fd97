"""What every connector takes and gives: a position to start from, files in the inbox, the position that was reached."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cdp_orchestration.errors import CdpError

Position = dict[str, Any]
"""Where a fetch ended, as JSON: what the next one needs to know, such as the newest cursor. It holds no secret."""


@dataclass(frozen=True)
class Fetched:
    """What one fetch has written.

    ``files`` lie in the stream's folder of the inbox, whole and flushed to the disk, in the order in which their rows
    count (by name). ``position`` is where the next fetch starts: it is stored once the files are there, so that a fetch
    that was killed is repeated and delivers some rows twice, never none. ``row_count`` is None where whole files were
    copied unread.
    """

    files: tuple[Path, ...]
    row_count: int | None
    position: Position | None


class Connector(Protocol):
    """A declared way to one stream of a source."""

    def fetch(self, position: Position | None, folder: Path) -> Fetched:
        """Write what is new since a position into a folder; without a position, everything.

        Args:
            position: that of the last fetch.
            folder: the stream's folder of the inbox; it may not exist yet.

        Returns:
            The files, the number of their rows and the new position.

        Raises:
            FetchError: the system cannot be reached, refuses, or answers something else than declared.
        """
        ...


class FetchError(CdpError):
    """A stream cannot be fetched from its system; the message has the system's answer without secrets and values.

    ``reached`` is what was fetched before, where the next fetch can go on from there; its position may be stored.
    """

    reached: Fetched | None = None
