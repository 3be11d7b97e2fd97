"""APIs that page as Shopify, Zendesk, Salesforce and HubSpot say that theirs do, over rows in memory."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from api_server import Answered, Asked

Row = dict[str, Any]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _not_allowed() -> Answered:
    return Answered({"errors": "[API] Invalid API key or access token"}, status=401)


class Shopify:
    """A Link header with page_info, which takes no other parameter than limit."""

    def __init__(self, name: str, rows: list[Row], token: str, url: str = "") -> None:
        self.name, self.rows, self.token, self.url = name, rows, token, url

    def __call__(self, asked: Asked) -> Answered:
        if asked.headers.get("x-shopify-access-token") != self.token:
            return _not_allowed()
        if not asked.path.endswith(f"/{self.name}.json"):
            return Answered({"errors": "Not Found"}, status=404)
        limit = int(asked.params.get("limit", 50))
        if "page_info" in asked.params:
            if set(asked.params) - {"page_info", "limit"}:
                return Answered({"errors": "Invalid page_info"}, status=400)
            since, after = json.loads(base64.urlsafe_b64decode(asked.params["page_info"]))
        else:
            since, after = asked.params.get("updated_at_min", "1970-01-01T00:00:00Z"), None
        found = sorted((row for row in self.rows if _at(row["updated_at"]) >= _at(since)), key=_order)
        page = [row for row in found if after is None or _order(row) > tuple(after)][:limit]
        headers = {}
        if page and _order(page[-1]) < _order(found[-1]):
            info = base64.urlsafe_b64encode(json.dumps([since, _order(page[-1])]).encode()).decode()
            headers["Link"] = f'<{self.url}{asked.path}?limit={limit}&page_info={info}>; rel="next"'
        return Answered({self.name: page}, headers=headers)


def _order(row: Row) -> tuple[str, int]:
    return _at(row["updated_at"]).isoformat(), row["id"]


class Zendesk:
    """An incremental export by cursor: start_time once, then after_cursor, for ever."""

    def __init__(self, name: str, rows: list[Row], login: str, now: datetime) -> None:
        self.name, self.rows, self.now = name, rows, now
        self.authorization = "Basic " + base64.b64encode(login.encode()).decode()
        self.expired: set[str] = set()

    def __call__(self, asked: Asked) -> Answered:
        if asked.headers.get("authorization") != self.authorization:
            return Answered({"error": "Couldn't authenticate you"}, status=401)
        limit = int(asked.params.get("per_page", 1000))
        cursor = asked.params.get("cursor")
        if cursor in self.expired:
            return Answered({"error": "InvalidValue", "description": "invalid cursor"}, status=400)
        if cursor:
            after = tuple(json.loads(base64.b64decode(cursor)))
        elif not asked.params.get("start_time", "").isdecimal():
            return Answered({"error": "InvalidValue", "description": "start_time is required"}, status=400)
        else:
            start = datetime.fromtimestamp(int(asked.params["start_time"]), UTC)
            if (self.now - start).total_seconds() < 60:
                return Answered({"error": "InvalidValue", "description": "too recent start_time"}, status=422)
            after = (start.isoformat(), -1)
        later = [row for row in sorted(self.rows, key=_order) if _order(row) > after]
        page = later[:limit]
        next_cursor = base64.b64encode(json.dumps(_order(page[-1]) if page else after).encode()).decode()
        answer = {self.name: page, "after_cursor": next_cursor, "end_of_stream": len(later) <= limit}
        return Answered(answer | {"after_url": "…", "before_cursor": None})


class Salesforce:
    """A token by client credentials, a query, and nextRecordsUrl until done; a locator can expire."""

    def __init__(self, rows: list[Row], page_size: int, secret: str) -> None:
        self.rows, self.page_size, self.secret = rows, page_size, secret
        self.tokens, self.queries = 0, list[str]()
        self.is_token_old, self.locator_expires = False, False
        self._results: list[list[Row]] = []

    def __call__(self, asked: Asked) -> Answered:
        if asked.path == "/services/oauth2/token":
            if f"client_secret={self.secret}" not in asked.body.decode():
                return Answered({"error": "invalid_client", "error_description": self.secret}, status=400)
            self.tokens += 1
            self.is_token_old = False
            return Answered({"access_token": f"session-{self.tokens}", "token_type": "Bearer", "issued_at": "1"})
        if self.is_token_old or asked.headers.get("authorization") != f"Bearer session-{self.tokens}":
            return Answered([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}], status=401)
        if "q" in asked.params:
            query = asked.params["q"]
            self.queries.append(query)
            since = _at(query.split("SystemModstamp >= ")[1].split()[0])
            found = [row for row in self.rows if _at(row["SystemModstamp"]) >= since]
            self._results.append(sorted(found, key=lambda row: (row["SystemModstamp"], row["Id"])))
            return self._page(len(self._results) - 1, 0)
        if self.locator_expires:
            self.locator_expires = False
            return Answered([{"errorCode": "INVALID_QUERY_LOCATOR", "message": "…"}], status=400)
        number, start = asked.path.rpartition("/")[2].split("-")
        return self._page(int(number), int(start))

    def _page(self, number: int, start: int) -> Answered:
        rows, end = self._results[number], start + self.page_size
        answer: dict[str, Any] = {"totalSize": len(rows), "done": end >= len(rows), "records": rows[start:end]}
        if end < len(rows):
            answer["nextRecordsUrl"] = f"/services/data/v66.0/query/{number}-{end}"
        return Answered(answer)


class HubSpot:
    """A search whose pages end at a number of rows, whatever it has found."""

    def __init__(self, rows: list[Row], token: str, limit: int) -> None:
        self.rows, self.token, self.limit = rows, token, limit

    def __call__(self, asked: Asked) -> Answered:
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Answered({"category": "INVALID_AUTHENTICATION"}, status=401)
        question = asked.json
        (group,) = question["filterGroups"]
        since, above = (each["value"] for each in group["filters"])
        start = datetime.fromtimestamp(int(since) / 1000, UTC)
        found = [
            row
            for row in self.rows
            if int(row["id"]) > int(above) and _at(row["properties"]["lastmodifieddate"]) >= start
        ]
        found.sort(key=lambda row: int(row["id"]))
        first = int(question.get("after", 0))
        if first >= self.limit:
            return Answered({"category": "VALIDATION_ERROR"}, status=400)
        end = first + question["limit"]
        answer: dict[str, Any] = {"total": len(found), "results": found[first:end]}
        if end < len(found):
            answer["paging"] = {"next": {"after": str(end)}}
        return Answered(answer)
