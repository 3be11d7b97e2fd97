"""Which delivery holds which version of a row: late, duplicated, or an older one after a newer one."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from orjson import OPT_APPEND_NEWLINE, dumps

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.dice import Dice

DROP_COUNT = len(dates.DROP_DAYS)
JSON_STREAMS = frozenset(
    {
        "ecommerce/customers", "ecommerce/orders", "ecommerce/events",
        "support/users", "support/tickets", "support/ticket_metrics",
    }
)  # fmt: skip
UNUSUAL = 0.014  # the share of unchanging rows that arrive late or twice

Row = Any  # a mapping for JSON streams, a tuple in the order of the stream's columns for the others


class Outbox:
    """Collects the rows of one chunk by stream and drop; JSON rows are serialised on the way in."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._random = dice.random
        self._cuts = dates.cuts()
        self.rows: defaultdict[str, list[list[Any]]] = defaultdict(lambda: [[] for _ in range(DROP_COUNT)])

    def send(self, stream: str, cursor: int, row: Row) -> int:
        """Send a row that never changes; return the drops that hold it, as bits."""
        drop = 0 if cursor < self._cuts[0] else bisect_right(self._cuts, cursor)
        if self._random() < UNUSUAL:
            return self._send_unusually(stream, drop, row)
        self._put(stream, drop, row)
        return 1 << drop

    def send_versions(self, stream: str, cursors: Sequence[int], render: Callable[[int], Row]) -> int:
        """Send the versions of one row.

        An export holds the state at its time, so of several versions between two drops the last is sent, and sometimes
        the others, too; sometimes a newer version arrives before an older one.

        Args:
            stream: the stream, as ``<source>/<name>``.
            cursors: the time of each version in epoch seconds, strictly increasing.
            render: makes the n-th version of the row.

        Returns:
            The drops that hold the row, as bits.
        """
        if cursors[-1] < self._cuts[0] and self._random() > UNUSUAL * 4:
            self._put(stream, 0, render(len(cursors) - 1))
            return 1
        mask = 0
        for drop, version in self._deliveries([bisect_right(self._cuts, cursor) for cursor in cursors]):
            self._put(stream, drop, render(version))
            mask |= 1 << drop
        return mask

    def again(self, stream: str, mask: int, row: Row) -> None:
        """Send a row into exactly these drops: for rows that belong to another row."""
        for drop in range(DROP_COUNT):
            if mask >> drop & 1:
                self._put(stream, drop, row)

    def _deliveries(self, drops: list[int]) -> list[tuple[int, int]]:
        """Return pairs of drop and version, in the order in which they are written."""
        pairs = list({drop: version for version, drop in enumerate(drops)}.items())
        newest_drop, newest = pairs[-1]
        luck = self._random()
        if luck < 0.3:
            pairs = list(zip(drops, range(len(drops)), strict=True))
        elif luck < 0.4 and newest:
            pairs.append((newest_drop, newest - 1))  # an older version after the newer one, same file
        elif luck < 0.5 and newest:
            pairs.append((min(newest_drop + 1, DROP_COUNT - 1), newest - 1))  # an older version, a whole drop later
        elif luck < 0.55:
            pairs.append((min(newest_drop + 1, DROP_COUNT - 1), newest))  # the same version twice
        return pairs

    def _send_unusually(self, stream: str, drop: int, row: Row) -> int:
        later = min(drop + self._dice.between(1, 3), DROP_COUNT - 1)
        luck = self._random()
        if luck < 0.4:
            self._put(stream, later, row)
            return 1 << later
        self._put(stream, drop, row)
        self._put(stream, drop if luck < 0.6 else later, row)
        return 1 << drop | (0 if luck < 0.6 else 1 << later)

    def _put(self, stream: str, drop: int, row: Row) -> None:
        if stream in JSON_STREAMS:
            row = dumps(row, option=OPT_APPEND_NEWLINE)
        self.rows[stream][drop].append(row)
