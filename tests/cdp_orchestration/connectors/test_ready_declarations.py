"""Each ready declaration is a file that a home can have as it is; rows in the vendor's own form land by it."""

import csv
import gzip
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from api_server import Answered, Api, Asked

import cdp_orchestration.connectors
from cdp_orchestration.dbt.runs import run_models
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import create_landing_views, fetch_stream, land_stream
from cdp_orchestration.sources import declared_stream, declared_streams

READY = Path(cdp_orchestration.connectors.__file__).parent / "ready"
FILES = sorted(path.stem for path in READY.glob("*.yml"))

WOO_CUSTOMER = {
    "id": 25,
    "date_created": "2026-01-01T10:00:00",
    "date_created_gmt": "2026-01-01T09:00:00",
    "date_modified_gmt": "2026-03-01T09:00:00",
    "email": "ada@example.org",
    "first_name": "Ada",
    "last_name": "Byron",
    "role": "customer",
    "billing": {
        "first_name": "Ada", "last_name": "Byron", "company": "", "address_1": "Main St 5", "address_2": "",
        "city": "Berlin", "postcode": "10115", "country": "DE", "state": "DE-BE", "email": "ada@example.org",
        "phone": "+4930123456",
    },
    "shipping": {"first_name": "", "last_name": "", "address_1": "", "city": "", "postcode": "", "country": ""},
    "is_paying_customer": True,
    "meta_data": [],
    "_links": {"self": [{"href": "https://shop.example/wp-json/wc/v3/customers/25"}]},
}  # fmt: skip
WOO_ORDER = {
    "id": 727,
    "parent_id": 0,
    "number": "727",
    "status": "processing",
    "currency": "EUR",
    "date_created": "2026-03-01T11:00:00",
    "date_created_gmt": "2026-03-01T10:00:00",
    "date_modified_gmt": "2026-03-02T10:00:00",
    "discount_total": "5.00",
    "total": "105.00",
    "customer_id": 25,
    "created_via": "checkout",
    "billing": WOO_CUSTOMER["billing"],
    "shipping": {"first_name": "Ada", "last_name": "Byron", "address_1": "Side St 1", "postcode": "10117"},
    "line_items": [
        {"id": 1, "name": "Shoe", "product_id": 9, "quantity": 2, "total": "100.00", "sku": "S1", "price": 50}
    ],
    "refunds": [],
}
DYNAMICS_CONTACT = {
    "@odata.etag": 'W/"100"',
    "contactid": "6f1a2c3d-0000-4000-8000-000000000001",
    "_parentcustomerid_value": None,
    "firstname": "Ada",
    "lastname": "Byron",
    "emailaddress1": "ada@example.org",
    "telephone1": "+4930123456",
    "mobilephone": None,
    "birthdate": "1985-03-15",
    "address1_line1": "Main St 5",
    "address1_city": "Berlin",
    "address1_postalcode": "10115",
    "donotbulkemail": True,
    "donotphone": False,
    "createdon": "2026-01-01T10:00:00Z",
    "modifiedon": "2026-03-01T10:00:00Z",
}
FRESHDESK_TICKET = {
    "id": 20,
    "subject": "Parcel",
    "description": "<div>Where is it?</div>",
    "description_text": "Where is it?",
    "status": 4,
    "priority": 3,
    "source": 3,
    "requester_id": 43001,
    "tags": ["parcel"],
    "type": "Question",
    "spam": False,
    "custom_fields": {"cf_shop": None},
    "created_at": "2026-03-03T10:00:00Z",
    "updated_at": "2026-03-04T10:00:00Z",
}
HUBSPOT_CONTACT = {
    "id": "501",
    "properties": {
        "email": "ada@example.org", "firstname": "Ada", "lastname": "Byron", "phone": None, "mobilephone": "",
        "hs_email_optout": "true", "hs_object_id": "501", "city": "Berlin", "zip": "10115",
        "createdate": "2026-01-01T10:00:00.123Z", "lastmodifieddate": "2026-03-01T10:00:00.456Z",
    },
    "createdAt": "2026-01-01T10:00:00.123Z",
    "updatedAt": "2026-03-01T10:00:00.456Z",
    "archived": False,
}  # fmt: skip
MEMBER = {
    "attributes": {"type": "CampaignMember", "url": "/services/data/v66.0/sobjects/CampaignMember/00v"},
    "Id": "00v1x0000001AAAAA2",
    "IsDeleted": False,
    "CampaignId": "7011x0000001AAAAA2",
    "Campaign": {"attributes": {"type": "Campaign"}, "Name": "Spring", "Type": "Email"},
    "ContactId": "0031x0000001AAAAA2",
    "Status": "Responded",
    "FirstRespondedDate": "2026-03-01",
    "CreatedDate": "2026-02-01T10:00:00.000+0000",
    "SystemModstamp": "2026-03-01T10:00:00.000+0000",
}


class Linked:
    """Gives a list a row a page, with a Link header to the next one among others, as WordPress and Freshdesk do."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows, self.url = rows, ""

    def __call__(self, asked: Asked) -> Answered:
        page = int(asked.params.get("page", "1"))
        links = [f'<{self.url}{asked.path}?page=1>; rel="prev"'] if page > 1 else []
        links += [f'<{self.url}{asked.path}?page={page + 1}>; rel="next"'] if page < len(self.rows) else []
        return Answered(self.rows[page - 1 : page], headers={"Link": ", ".join(links)} if links else {})


class Dataverse:
    """A token by client credentials, then a row a page, each with the whole address of the next one."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows, self.url = rows, ""

    def __call__(self, asked: Asked) -> Answered:
        if asked.path.endswith("/token"):
            assert "scope=" in asked.body.decode()
            return Answered({"access_token": "session", "token_type": "Bearer", "expires_in": 3599})
        if asked.headers.get("authorization") != "Bearer session":
            return Answered({"error": {"code": "0x80040220"}}, status=401)
        start = int(asked.params.get("$skiptoken", "0"))
        answer: dict[str, Any] = {"@odata.context": "…", "value": self.rows[start : start + 1]}
        if start + 1 < len(self.rows):
            answer["@odata.nextLink"] = f"{self.url}{asked.path}?$skiptoken={start + 1}"
        return Answered(answer)


@pytest.fixture
def serve() -> Iterator[Callable[[Any], Api]]:
    with ExitStack() as running:

        def start(answer: Any) -> Api:
            api = running.enter_context(Api(answer))
            if isinstance(answer, Linked | Dataverse):
                answer.url = api.url
            return api

        yield start


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (tmp_path / "home" / "sources").mkdir(parents=True)
    for name in {name for path in READY.glob("*.yml") for name in re.findall(r"env:(\w+)", path.read_text())}:
        monkeypatch.setenv(name, "hidden-value")
    return Settings(home=tmp_path / "home")


def declare(home: Settings, vendor: str, **changes: str) -> str:
    """Put a ready declaration into a home, with other addresses; return its source."""
    text = (READY / f"{vendor}.yml").read_text(encoding="utf-8")
    for old, new in changes.items():
        pattern = {"url": r"https://[^\s/\"]+", "path": r"s3://\S+"}[old]
        text = re.sub(pattern, new, text)
    source = str(yaml.safe_load(text)["source"])
    (home.own_sources / f"{source}.yml").write_text(text, encoding="utf-8")
    return source


def landed(home: Settings, name: str, query: str) -> list[tuple[Any, ...]]:
    stream = declared_stream(name, home)
    fetched = fetch_stream(stream, home)
    assert fetched is None or fetched.problem is None, fetched
    result = land_stream(stream, home)
    assert (result.refused_by_reason) == {}
    with open_warehouse(home.warehouse) as connection:
        return connection.execute(f"select {query} from landing.{stream.table} order by 1").fetchall()


def text_at(document: str, path: str) -> str:
    return f"json_extract_string({document}, '$.{path}')"


@pytest.mark.parametrize("vendor", FILES)
def test_a_ready_declaration_is_one_that_a_home_can_have(home, vendor):
    source = declare(home, vendor)

    streams = [stream for stream in declared_streams(home) if stream.source == source and stream.mapping.from_]

    assert streams
    assert all(not stream.is_own for stream in streams)


def test_orders_and_customers_of_woocommerce_are_those_of_a_shop(home, serve):
    second = WOO_ORDER | {"id": 728, "number": "728", "customer_id": 0, "status": "on-hold"}
    declare(home, "woocommerce", url=serve(Linked([WOO_ORDER, second])).url)

    paths = [text_at("billing_address", name) for name in ("address1", "zip", "province_code", "country_code")]
    paths += [
        text_at("customer", "id"),
        text_at("shipping_address", "address1"),
        "json_extract_string(line_items, '$[0].title')",
    ]
    columns = f"id, name, financial_status, total_price::text, email, phone, created_at::text, {', '.join(paths)}"
    first, guest = landed(home, "ecommerce/orders", columns)

    facts = ("727", "727", "paid", "105.0000", "ada@example.org", "+4930123456", "2026-03-01 10:00:00")
    assert first[:7] == facts
    assert first[7:] == ("Main St 5", "10115", "DE-BE", "DE", "25", "Side St 1", "Shoe")
    assert (guest[2], guest[11]) == ("pending", None)

    unchanged = WOO_CUSTOMER | {"id": 26, "date_modified_gmt": None}
    declare(home, "woocommerce", url=serve(Linked([WOO_CUSTOMER, unchanged])).url)
    columns = f"id, phone, {text_at('default_address', 'zip')}, {text_at('default_address', 'last_name')}"
    assert landed(home, "ecommerce/customers", f"{columns}, created_at::text, updated_at::text") == [
        ("25", "+4930123456", "10115", "Byron", "2026-01-01 09:00:00", "2026-03-01 09:00:00"),
        ("26", "+4930123456", "10115", "Byron", "2026-01-01 09:00:00", "2026-01-01 09:00:00"),
    ]


@pytest.mark.slow
def test_what_woocommerce_has_paid_back_is_no_revenue(home, serve):
    partly = WOO_ORDER | {"id": 729, "refunds": [{"id": 9, "reason": "", "total": "-10.00"}, {"id": 10, "total": "-5"}]}
    wholly = WOO_ORDER | {"id": 730, "status": "refunded", "refunds": [{"id": 11, "total": "-105.00"}]}
    declare(home, "woocommerce", url=serve(Linked([WOO_ORDER, partly, wholly])).url)
    assert len(landed(home, "ecommerce/orders", "id")) == 3
    with open_warehouse(home.warehouse) as connection:
        create_landing_views(connection, home)
    run_models(home.home, ["path:seeds", "path:models/staging"], full_refresh=True, with_tests=True)

    with open_warehouse(home.warehouse) as connection:
        refunds = connection.execute(
            "select interaction_id, occurred_at::text, amount::text from staging.interactions "
            "where source_record_type = 'refund' order by all"
        ).fetchall()
        orders = connection.execute(
            "select interaction_id, order_amount::text from staging.order_values order by all"
        ).fetchall()
    changed_at = "2026-03-02 10:00:00"
    assert refunds == [
        ("ecommerce:refund:729:10", changed_at, "-5.00"),
        ("ecommerce:refund:729:9", changed_at, "-10.00"),
        ("ecommerce:refund:730:11", changed_at, None),
    ]
    assert orders == [
        ("ecommerce:order:727", "105.00"),
        ("ecommerce:order:729", "105.00"),
        ("ecommerce:order:730", None),
    ]


def test_contacts_of_dynamics_are_those_of_a_crm(home, serve):
    second = DYNAMICS_CONTACT | {"contactid": "6f1a2c3d-0000-4000-8000-000000000002", "donotbulkemail": False}
    declare(home, "dynamics", url=serve(Dataverse([DYNAMICS_CONTACT, second])).url)

    columns = '"Id", "Email", "MailingStreet", "HasOptedOutOfEmail", "DoNotCall", "Birthdate"::text'
    first, other = landed(home, "crm/contacts", columns)

    contact = ("6f1a2c3d-0000-4000-8000-000000000001", "ada@example.org", "Main St 5", True, False, "1985-03-15")
    assert (first, other[3]) == (contact, False)


def test_tickets_of_freshdesk_are_those_of_a_help_desk(home, serve):
    chat = FRESHDESK_TICKET | {"id": 21, "source": 7, "status": 2, "updated_at": "2026-03-05T10:00:00Z"}
    declare(home, "freshdesk", url=serve(Linked([FRESHDESK_TICKET, chat])).url)

    columns = f"id, description, status, priority, {text_at('via', 'channel')}, requester_id"
    found = landed(home, "support/tickets", columns)

    assert found[0] == ("20", "Where is it?", "solved", "high", "voice", "43001")
    assert found[1][2:5] == ("open", "high", "chat")


def test_someone_who_has_not_proved_the_address_to_freshdesk_is_a_user_all_the_same(home, serve):
    contact = {"id": 43001, "name": "Ada Byron", "email": "ada@example.org", "phone": None, "active": False}
    contact |= {"unique_external_id": "25", "language": "en", "tags": [], "updated_at": "2026-03-01T10:00:00Z"}
    declare(home, "freshdesk", url=serve(Linked([contact])).url)

    columns = "id, name, external_id, active, verified"
    assert landed(home, "support/users", columns) == [("43001", "Ada Byron", "25", None, False)]


def test_contacts_of_hubspot_are_those_of_a_crm(home, serve):
    api = serve(lambda asked: Answered({"total": 1, "results": [HUBSPOT_CONTACT]}))
    declare(home, "hubspot", url=api.url)

    columns = '"Id", "Email", "HasOptedOutOfEmail", "IsDeleted", "MailingPostalCode", "SystemModstamp"::text'
    found = landed(home, "crm/contacts", columns)

    assert found == [("501", "ada@example.org", True, False, "10115", "2026-03-01 10:00:00.456")]


def test_members_of_a_campaign_of_salesforce_have_its_name(home, serve):
    def answer(asked: Asked) -> Answered:
        is_token = asked.path.endswith("/token")
        return Answered({"access_token": "x"} if is_token else {"done": True, "totalSize": 1, "records": [MEMBER]})

    declare(home, "salesforce", url=serve(answer).url)

    columns = '"Id", "CampaignName", "CampaignType", "Status"'
    assert landed(home, "crm/campaign_members", columns) == [("00v1x0000001AAAAA2", "Spring", "Email", "Responded")]


def test_the_archive_of_segment_is_read_folder_by_folder(home, tmp_path):
    declare(home, "segment", path=f"{tmp_path}/archive/**/*.gz")
    (home.own_sources / "ecommerce.yml").write_text(
        re.sub(r"      (region|access_key|secret_key):.*\n", "", (home.own_sources / "ecommerce.yml").read_text())
        + "      quiet_seconds: 0\n"
    )
    for day, name in (("1772323200000", "a"), ("1772409600000", "b")):
        folder = tmp_path / "archive" / "segment-logs" / "sourceid" / day
        folder.mkdir(parents=True)
        call = {
            "messageId": f"ajs-{name}",
            "type": "track",
            "event": "Product Viewed",
            "anonymousId": "an-1",
            "userId": None,
            "properties": {"sku": "S1"},
            "context": {"page": {"url": "https://shop.example/"}, "library": {"name": "analytics.js"}},
            "integrations": {},
            "timestamp": "2026-03-01T10:00:00.000Z",
            "receivedAt": "2026-03-01T10:00:01.000Z",
            "sentAt": "2026-03-01T10:00:00.500Z",
            "originalTimestamp": "2026-03-01T10:00:00.000Z",
            "projectId": "p",
            "version": 2,
        }
        (folder / f"{day}.hash.1.x.gz").write_bytes(gzip.compress(json.dumps(call).encode() + b"\n"))

    assert landed(home, "ecommerce/events", '"messageId", event') == [
        ("ajs-a", "Product Viewed"),
        ("ajs-b", "Product Viewed"),
    ]


@pytest.mark.parametrize(
    ("vendor", "name", "row", "query", "expected"),
    [
        (
            "dynamics",
            "crm/contacts",
            {
                "(Do Not Modify) Contact": "6f1a2c3d-0000-4000-8000-000000000001",
                "(Do Not Modify) Row Checksum": "x==",
                "(Do Not Modify) Modified On": "2026-03-01 10:00:00",
                "First Name": "Ada",
                "Last Name": "Byron",
                "Email": "ada@example.org",
                "Business Phone": "030 123456",
                "Address 1: City": "Berlin",
                "Do not allow Bulk Emails": "Do Not Allow",
                "Do not allow Phone Calls": "Allow",
                "Modified On": "2026-03-01 10:00:00",
            },
            '"FirstName", "Phone", "MailingCity", "HasOptedOutOfEmail", "DoNotCall"',
            ("Ada", "030 123456", "Berlin", True, False),
        ),
        (
            "freshdesk",
            "support/tickets",
            {
                "Ticket ID": "20",
                "Subject": "Parcel",
                "Status": "Resolved",
                "Priority": "Medium",
                "Source": "Portal",
                "Created time": "2026-03-03 10:00:00",
                "Last update time": "2026-03-04 10:00:00",
                "Contact ID": "43001",
                "Email": "ada@example.org",
            },
            f"id, status, priority, {text_at('via', 'channel')}, requester_id",
            ("20", "solved", "normal", "web", "43001"),
        ),
        (
            "hubspot",
            "crm/contacts",
            {
                "Record ID": "501",
                "First Name": "Ada",
                "Email": "ada@example.org",
                "Phone Number": "+4930123456",
                "Unsubscribed from all email": "true",
                "Last Modified Date": "2026-03-01 10:00",
            },
            '"Id", "FirstName", "Phone", "HasOptedOutOfEmail"',
            ("501", "Ada", "+4930123456", True),
        ),
    ],
    ids=["dynamics", "freshdesk", "hubspot"],
)
def test_an_export_by_hand_is_read_by_the_same_names(home, vendor, name, row, query, expected):
    declared = yaml.safe_load((READY / f"{vendor}.yml").read_text(encoding="utf-8"))
    for stream in declared["streams"].values():
        del stream["from"]
    (home.own_sources / "own.yml").write_text(yaml.safe_dump(declared), encoding="utf-8")
    folder = home.inbox / name
    folder.mkdir(parents=True)
    with (folder / "export.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)

    assert landed(home, name, query) == [expected]
