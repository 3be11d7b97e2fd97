"""Rows that a local API serves, and the declaration of a stream that fetches them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api_server import Answered, Api, Asked

from cdp_orchestration.connectors.rest.declaration import Rest

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "s3cr3t-value-of-the-key"
TWO_PAGES = {"kind": "cursor", "path": "next", "param": "cursor"}


def rest(api: Api, **changes: Any) -> Rest:
    usual = {"kind": "rest", "base_url": api.url, "path": "rows", "rows": "rows", "cursor": {"field": "at"}}
    return Rest.model_validate(usual | changes)


def lines(folder: Path) -> list[str]:
    return [line for path in sorted(folder.iterdir()) for line in path.read_text(encoding="utf-8").splitlines()]


def page(*ids: int, **around: Any) -> Answered:
    return Answered({"rows": [{"id": each, "at": "2026-03-01T10:00:00Z"} for each in ids], **around})


def by_number(*pages: Answered) -> Callable[[Asked], Answered]:
    return lambda asked: pages[min(int(asked.params.get("page", 1)), len(pages)) - 1]
