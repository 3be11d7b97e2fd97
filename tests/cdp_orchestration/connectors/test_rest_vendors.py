"""The ready declarations, each against a server that pages as the vendor's documentation says."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from api_server import Answered, Asked, StoppedClock
from vendor_apis import HubSpot, Salesforce, Shopify, Zendesk

import cdp_orchestration.connectors
from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import Fetched, FetchError
from cdp_orchestration.connectors.rest.declaration import Rest

READY = Path(cdp_orchestration.connectors.__file__).parent / "ready"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _ready() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path in sorted(READY.glob("*.yml")):
        for stream, declared in yaml.safe_load(path.read_text(encoding="utf-8"))["streams"].items():
            if declared["from"]["kind"] == "rest":
                yield path.stem, stream, declared["from"]


def declared(vendor: str, stream: str, url: str, **changes: Any) -> Rest:
    (found,) = (each for name, of, each in _ready() if (name, of) == (vendor, stream))
    found = json.loads(json.dumps(found)) | {"base_url": url} | changes
    if "token_url" in found["auth"]:
        found["auth"]["token_url"] = f"{url}/services/oauth2/token"
    return Rest.model_validate(found)


def rows_of(fetched: Fetched) -> list[Any]:
    return [json.loads(line) for path in fetched.files for line in path.read_bytes().splitlines()]


def minute(number: int) -> str:
    return (NOW - timedelta(days=1) + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("vendor", "stream", "found"), list(_ready()), ids=lambda each: each if isinstance(each, str) else None
)
def test_a_ready_declaration_is_valid_and_names_its_secrets_only(vendor, stream, found):
    rest = Rest.model_validate(found)

    assert rest.base_url.startswith("https://")
    assert rest.auth is not None
    assert rest.cursor is not None or (vendor, stream) == ("woocommerce", "customers")


def test_a_shop_is_read_page_by_page_and_then_from_the_last_change(serve, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOPIFY_ACCESS_TOKEN", "shpat_hidden")
    rows = [{"id": 9007199254740993 + n, "updated_at": minute(n)} for n in range(600)]
    shop = Shopify("orders", rows, "shpat_hidden")
    api = serve(shop)
    shop.url = api.url
    connector = connector_of(declared("shopify", "orders", api.url), StoppedClock(NOW))

    first = connector.fetch(None, tmp_path)
    rows[7]["updated_at"] = minute(700)
    second = connector.fetch(first.position, tmp_path)

    assert rows_of(first) == [{"id": 9007199254740993 + n, "updated_at": minute(n)} for n in range(600)]
    assert [row["id"] - 9007199254740993 for row in rows_of(second)] == [*range(589, 600), 7]
    assert [asked.params.get("status") for asked in api.asked] == ["any", None, None, "any"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name for path in (*first.files, *second.files)]


def test_a_desk_is_read_on_from_the_cursor_of_its_own_export(serve, tmp_path, monkeypatch):
    monkeypatch.setenv("ZENDESK_USERNAME", "admin@desk.example/token")
    monkeypatch.setenv("ZENDESK_API_TOKEN", "hidden")
    rows = [{"id": n, "updated_at": minute(n)} for n in range(25)]
    desk = Zendesk("tickets", rows, "admin@desk.example/token:hidden", NOW)
    api = serve(desk)
    params = {"start_time": "{since}", "per_page": 10}
    connector = connector_of(declared("zendesk", "tickets", api.url, params=params), StoppedClock(NOW))

    first = connector.fetch(None, tmp_path)
    nothing = connector.fetch(first.position, tmp_path)
    rows.append({"id": 3, "updated_at": minute(30)})
    second = connector.fetch(nothing.position, tmp_path)

    assert len(rows_of(first)) == 25
    assert nothing.files == ()
    assert rows_of(second) == [{"id": 3, "updated_at": minute(30)}]
    assert sorted(api.asked[0].params) == ["per_page", "start_time"]
    assert {tuple(sorted(asked.params)) for asked in api.asked[1:]} == {("cursor", "per_page")}


def test_a_cursor_that_the_desk_no_longer_knows_is_replaced_by_the_time(serve, tmp_path, monkeypatch):
    monkeypatch.setenv("ZENDESK_USERNAME", "a/token")
    monkeypatch.setenv("ZENDESK_API_TOKEN", "hidden")
    rows = [{"id": n, "updated_at": minute(n)} for n in range(25)]
    desk = Zendesk("users", rows, "a/token:hidden", NOW)
    api = serve(desk)
    connector = connector_of(declared("zendesk", "users", api.url), StoppedClock(NOW))
    first = connector.fetch(None, tmp_path)
    assert first.position is not None
    desk.expired.add(first.position["paging_cursor"])

    second = connector.fetch(first.position, tmp_path)

    assert [row["id"] for row in rows_of(second)] == list(range(14, 25)), "from ten minutes before the last time"
    assert second.position is not None
    assert second.position["cursor"] == first.position["cursor"]


def test_metrics_come_beside_their_tickets(serve, tmp_path, monkeypatch):
    monkeypatch.setenv("ZENDESK_USERNAME", "a/token")
    monkeypatch.setenv("ZENDESK_API_TOKEN", "hidden")
    metric = {"ticket_id": 5, "reopens": 1, "updated_at": minute(1)}
    answer = {"tickets": [{"id": 5}], "metric_sets": [metric], "after_cursor": "MTU3", "end_of_stream": True}
    api = serve(lambda asked: Answered(answer if asked.params["include"] == "metric_sets" else {}))

    fetched = connector_of(declared("zendesk", "ticket_metrics", api.url), StoppedClock(NOW)).fetch(None, tmp_path)

    assert rows_of(fetched) == [metric]


@pytest.fixture
def crm(monkeypatch) -> Salesforce:
    monkeypatch.setenv("SALESFORCE_CLIENT_ID", "app")
    monkeypatch.setenv("SALESFORCE_CLIENT_SECRET", "hidden")
    stamps = [minute(n).replace("Z", ".000+0000") for n in range(9)]
    return Salesforce([{"Id": f"003{n}", "SystemModstamp": stamps[n]} for n in range(9)], 4, "hidden")


def test_a_crm_is_queried_until_it_is_done(crm, serve, tmp_path):
    api = serve(crm)
    connector = connector_of(declared("salesforce", "contacts", api.url), StoppedClock(NOW))

    first = connector.fetch(None, tmp_path)
    second = connector.fetch(first.position, tmp_path)

    assert [row["Id"] for row in rows_of(first)] == [f"003{n}" for n in range(9)]
    assert "SystemModstamp >= 1970-01-01T00:00:00Z ORDER BY" in crm.queries[0]
    assert f"SystemModstamp >= {minute(-2)} ORDER BY" in crm.queries[1]
    assert second.row_count == 9


def test_a_session_that_ends_between_two_pages_is_renewed(crm, serve, tmp_path):
    def answer(asked: Asked) -> Answered:
        if "/query/" in asked.path and crm.tokens == 1:
            crm.is_token_old = True
        return crm(asked)

    fetched = connector_of(declared("salesforce", "accounts", serve(answer).url), StoppedClock(NOW)).fetch(
        None, tmp_path
    )

    assert (fetched.row_count, crm.tokens) == (9, 2)


def test_a_query_locator_that_expired_is_asked_anew_from_what_came_in_order(crm, serve, tmp_path):
    crm.locator_expires = True

    fetched = connector_of(declared("salesforce", "contacts", serve(crm).url), StoppedClock(NOW)).fetch(None, tmp_path)

    assert {row["Id"] for row in rows_of(fetched)} == {f"003{n}" for n in range(9)}
    # Of the last time that was read more rows may follow on the page that has expired.
    assert f"SystemModstamp >= {minute(-8)} ORDER BY" in crm.queries[1]


def test_more_rows_than_a_search_gives_are_read_by_several_searches(serve, tmp_path, monkeypatch):
    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "pat-hidden")
    # All were imported at the same moment, so that their time of change cannot divide them.
    rows = [{"id": str(n), "properties": {"lastmodifieddate": minute(5)}} for n in range(1, 1001)]
    api = serve(HubSpot(rows, "pat-hidden", limit=300))
    restart = {"after_rows": 300, "field": "id"}
    connector = connector_of(declared("hubspot", "contacts", api.url, restart=restart), StoppedClock(NOW))

    first = connector.fetch(None, tmp_path)
    second = connector.fetch(first.position, tmp_path)

    assert [row["id"] for row in rows_of(first)] == [str(n) for n in range(1, 1001)]
    assert second.row_count == 1000
    epoch_ms = int((NOW - timedelta(days=1) + timedelta(minutes=5) - timedelta(minutes=15)).timestamp() * 1000)
    assert api.asked[-1].json["filterGroups"][0]["filters"][0]["value"] == str(epoch_ms)


def test_a_search_that_ignores_where_to_restart_is_an_error(serve, tmp_path, monkeypatch):
    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "pat-hidden")
    row = {"properties": {"lastmodifieddate": minute(5)}}

    def answer(asked: Asked) -> Answered:
        first = int(asked.json.get("after", 0))
        page = [{"id": str(n), **row} for n in range(first, first + 100)]
        return Answered({"results": page, "paging": {"next": {"after": str(first + 100)}}})

    restart = {"after_rows": 300, "field": "id"}
    connector = connector_of(declared("hubspot", "contacts", serve(answer).url, restart=restart), StoppedClock(NOW))

    with pytest.raises(FetchError, match="the same rows to another question"):
        connector.fetch(None, tmp_path)
    assert list(tmp_path.iterdir()) == []
