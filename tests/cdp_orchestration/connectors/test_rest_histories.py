"""Random histories of an API: rows come and change before, between and during fetches, and requests fail."""

import base64
import json
import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from api_server import Answered, Api, Asked
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError, Position
from cdp_orchestration.connectors.rest.declaration import Rest

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
PAGE_ROWS = 4
LATEST_SECONDS = 120  # by so much later than its time may a change be seen

PAGINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "offset_by_id": ({"kind": "offset"}, {}),
    "offset_by_time": ({"kind": "offset"}, {}),
    "page_number_by_id": ({"kind": "page_number"}, {}),
    "page_number_by_time": ({"kind": "page_number"}, {}),
    "numbered_link_by_time": ({"kind": "link_header"}, {}),
    "link_header": ({"kind": "link_header"}, {"is_sorted": True}),
    "kept_cursor": (
        {
            "kind": "cursor",
            "path": "after",
            "param": "cursor",
            "only_first": ["since"],
            "more": {"path": "has_more", "more_when": True},
            "is_kept": True,
        },
        {},
    ),
}

# Lists that change at their end alone, but for rows that leave them.
IN_ORDER = {"kept_cursor", "page_number_by_time", "numbered_link_by_time"}


class Shop:
    """Rows with versions, a clock that moves with every request, and a die for what goes wrong."""

    def __init__(self, paging: str, seed: int, fault_share: float) -> None:
        self.paging, self.fault_share, self.die = paging, fault_share, random.Random(seed)
        self.at = BEGIN
        self.rows: dict[int, dict[str, Any]] = {}
        self.deleted: set[int] = set()
        self.refused_pages = 0
        self.is_quiet = False
        self.api = Api(self.answer)

    def change(self) -> None:
        key = self.die.randint(1, 8 * PAGE_ROWS)
        # Nor does a row come in the midst of a list by numbers while another one leaves it: that hides the move.
        if self.paging != "page_number_by_id" and self.die.random() < 0.2:
            self.rows.pop(key, None)
            self.deleted.add(key)
            return
        if key in self.deleted:  # no id is given twice
            return
        # Sequences of times are of one export only: no change of it becomes visible late.
        late = 0 if self.paging in IN_ORDER else self.die.randint(0, LATEST_SECONDS)
        time = self.at - timedelta(seconds=late)
        if key in self.rows:
            time = max(time, datetime.fromisoformat(self.rows[key]["at"]) + timedelta(seconds=1))
        self.rows[key] = {"id": key, "at": time.isoformat(), "version": self.die.random()}
        self.at = max(self.at, time) + timedelta(seconds=self.die.randint(1, 400))

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def answer(self, asked: Asked) -> Answered:
        self.at += timedelta(seconds=1)
        self.api.now = self.at.replace(microsecond=0)
        for _ in range(0 if self.is_quiet else self.die.choice([0, 0, 1, 3])):
            self.change()
        good = self._page(asked)
        if self.is_quiet or self.die.random() >= self.fault_share:
            return good
        is_first = not {"cursor", "after"} & set(asked.params) and asked.params.get("offset", "0") == "0"
        kind = self.die.choice(["cut", "reset", "429", "500", "410"])
        if kind == "410" and not is_first and self.refused_pages < 2:
            self.refused_pages += 1
            return Answered(status=410)
        if kind in {"429", "500"}:
            return Answered(status=int(kind), headers={"Retry-After": "2"} if kind == "429" else {})
        return Answered(good.body, headers=good.headers, fault="reset" if kind == "reset" else "cut")

    def _page(self, asked: Asked) -> Answered:
        params = asked.params
        since = datetime.fromisoformat(params.get("since", "1970-01-01T00:00:00+00:00"))
        by_time = sorted(self.rows.values(), key=_order)
        if self.paging in {"link_header", "kept_cursor"}:
            after = _unpacked(params["cursor"]) if "cursor" in params else (since.isoformat(), -1)
            later = [row for row in by_time if _order(row) > after]
            page, has_more = later[:PAGE_ROWS], len(later) > PAGE_ROWS
            last = _packed(_order(page[-1]) if page else after)
            if self.paging == "kept_cursor":
                return Answered({"rows": page, "after": last, "has_more": has_more})
            link = {"Link": f'<{self.api.url}/rows?cursor={last}>; rel="next"'} if has_more else {}
            return Answered({"rows": page}, headers=link)
        rows = by_time if self.paging.endswith("_by_time") else sorted(self.rows.values(), key=lambda row: row["id"])
        found = [row for row in rows if datetime.fromisoformat(row["at"]) >= since]
        first = int(params.get("offset", PAGE_ROWS * (int(params.get("page", 1)) - 1)))
        link = f"{self.api.url}/rows?since={quote(since.isoformat())}&page={int(params.get('page', 1)) + 1}"
        has_link = self.paging == "numbered_link_by_time" and len(found) > first + PAGE_ROWS
        headers = {"Link": f'<{link}>; rel="next"'} if has_link else {}
        return Answered({"rows": found[first : first + PAGE_ROWS]}, headers=headers)


def _order(row: dict[str, Any]) -> tuple[str, int]:
    return row["at"], row["id"]


def _packed(order: tuple[str, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(order).encode()).decode()


def _unpacked(cursor: str) -> tuple[str, int]:
    at, key = json.loads(base64.urlsafe_b64decode(cursor))
    return at, key


def newest_versions(folder: Path) -> dict[int, dict[str, Any]]:
    """Keep the newest version of each row by its time; of equal ones that of the later file, as landing does."""
    kept: dict[int, dict[str, Any]] = {}
    for path in sorted(folder.iterdir()):
        for row in map(json.loads, path.read_bytes().splitlines()):
            if row["id"] not in kept or row["at"] >= kept[row["id"]]["at"]:
                kept[row["id"]] = row
    return kept


@pytest.mark.slow
@pytest.mark.parametrize("paging", PAGINGS)
@settings(max_examples=examples(3), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), changes=st.lists(st.integers(5, 40), min_size=1, max_size=4), faults=st.booleans())
def test_after_any_history_the_newest_delivered_versions_are_the_rows_of_the_api(paging, seed, changes, faults):
    shop = Shop(paging, seed, 0.2 if faults else 0.0)
    how, cursor = PAGINGS[paging]
    with shop.api as api, tempfile.TemporaryDirectory() as home:
        declared = Rest.model_validate(
            {
                "kind": "rest",
                "base_url": api.url,
                "path": "rows",
                "params": {"since": "{since}"},
                "rows": "rows",
                "paging": how,
                "cursor": {"field": "at", "overlap": LATEST_SECONDS + 1, **cursor},
                "attempts": 6,
            }
        )
        connector = connector_of(declared, shop)
        folder = Path(home) / "inbox"
        position: Position | None = None
        for count in changes:
            for _ in range(count):
                shop.change()
            position = _fetch(connector, position, folder, shop)
        # What changed during the last fetch is read by the next one; then nothing changes any more.
        shop.is_quiet = True
        position = _fetch(connector, position, folder, shop)

        delivered = newest_versions(folder)
        assert {key: row for key, row in delivered.items() if key not in shop.deleted} == shop.rows


def _fetch(connector: Any, position: Position | None, folder: Path, shop: Shop) -> Position | None:
    shop.refused_pages = 0
    shop.at += timedelta(seconds=5)
    try:
        return connector.fetch(position, folder).position
    except FetchError as error:
        return error.reached.position if error.reached else position
