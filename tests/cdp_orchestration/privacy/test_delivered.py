"""A person sees what sources delivered about them, as it landed, and nothing of anybody else."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from small_releases import FIRST, make_live

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.privacy.delivered import FILE, LEFT_OUT, LINE, delivered_tables, written_by
from cdp_orchestration.privacy.person_file import write_person_file
from cdp_orchestration.sources import declared_stream
from tests.cdp_orchestration.privacy.conftest import AT, TABLES, contact, customer
from tests.cdp_orchestration.privacy.test_person_file import COLUMNS

ZOE = ("crm:contact:003zoe", "ecommerce:customer:71", "support:user:9")
MAX = ("crm:contact:003max", "ecommerce:customer:72")
LATER = "2026-02-02T03:04:05Z"
PRESENT = {"first_name": "Max", "last_name": "Muster", "address1": "Secret Lane 5", "city": "Bern"}
DELIVERED = {
    "crm/contacts": [
        contact("003zoe", LastName="Quastenberg", Email="Zoe@mail.example", Phone="+49 30 1234567", Hobby="chess"),
        contact("003max", LastName="Muster", Email="max@mail.example", Phone="0049301234567"),
    ],
    "ecommerce/customers": [
        customer("71", email="zoe@mail.example", last_name="Quastenberg"),
        customer("72", email="max@mail.example", last_name="Muster"),
    ],
    "ecommerce/orders": [
        customer("501", email="zoe@mail.example", customer={"id": 71}, total_price="9.50", shipping_address=PRESENT),
        customer("502", email="max@mail.example", customer={"id": 72}, total_price="70007.25"),
        customer("503", email="zoe@mail.example", customer={"id": 72}, total_price="70003.75"),
    ],
    "support/users": [customer("9", name="Zoe Quastenberg", email="zoe@mail.example")],
    "support/tickets": [
        customer("61", requester_id="9", description="It is torn <b>again</b>", status="open"),
        customer("62", requester_id="8", description="Mine is too small", status="open"),
    ],
}


def deliver(settings: Settings, name: str, file: str, rows: Sequence[dict[str, Any]]) -> None:
    path = settings.inbox / name / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    assert land_stream(declared_stream(name, settings), settings).rows_landed == len(rows)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "home")
    with open_warehouse(settings.warehouse) as connection:
        connection.execute(TABLES)
        for profile, keys in (("p", ZOE), ("q", MAX)):
            rows = [[key, *key.split(":"), profile] for key in keys]
            connection.executemany("insert into identity.profile_assignments values (?, ?, ?, ?, ?)", rows)
    for name, rows in DELIVERED.items():
        deliver(settings, name, "a.jsonl", rows)
    return settings


def rows_of(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    return {table.name: table.rows for table in delivered_tables(settings, ZOE)}


def test_rows_that_are_the_person_and_what_they_did_are_there_with_file_and_line(home: Settings) -> None:
    found = rows_of(home)
    assert {name: len(rows) for name, rows in found.items()} == {
        "crm/contacts": 1, "ecommerce/customers": 1, "ecommerce/orders": 1, "support/tickets": 1, "support/users": 1,
    }  # fmt: skip
    (row,) = found["crm/contacts"]
    assert (row["LastName"], row["Phone"], row[FILE], row[LINE]) == ("Quastenberg", "+49 30 1234567", "a.jsonl", 1)
    assert row["_extra"] == {"Hobby": "chess"}


def test_nothing_of_anybody_else_is_there(home: Settings) -> None:
    text = json.dumps(rows_of(home), default=str)
    for theirs in ("Muster", "max@mail", "Secret Lane", "0049301234567", "Mine is too small", "70007.25", "70003.75"):
        assert theirs not in text
    (order,) = rows_of(home)["ecommerce/orders"]
    assert (order["email"], order["customer"], order["total_price"]) == ("zoe@mail.example", {"id": "71"}, 9.5)
    assert set(order["shipping_address"].values()) == {LEFT_OUT}


def test_each_version_is_there_once_however_often_it_came(home: Settings) -> None:
    ticket = DELIVERED["support/tickets"][0]
    deliver(home, "support/tickets", "b.jsonl", [ticket, {**ticket, "updated_at": LATER, "status": "solved"}])
    found = [(row["status"], row[FILE]) for row in rows_of(home)["support/tickets"]]
    assert found == [("open", "a.jsonl"), ("solved", "b.jsonl")]


def test_what_they_wrote_stands_by_itself_in_the_order_of_time(home: Settings) -> None:
    texts = written_by(home, delivered_tables(home, ZOE))
    assert [(each["source"], each["what"], each["text"]) for each in texts] == [
        ("support/tickets", "description", "It is torn <b>again</b>")
    ]
    assert str(texts[0]["at"]).startswith(AT[:10])


def test_a_file_has_it_and_its_page_shows_it_as_text(home: Settings, tmp_path: Path) -> None:
    records = [(key, "p", *(key.split(":")[part] for part in (2, 0, 1))) for key in ZOE]
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
    rows |= {"profiles": [("p", "Zoe Quastenberg", None, "DE")], "profile_records": records}
    make_live(home.home, FIRST, rows, COLUMNS)
    written = write_person_file(home, "p", tmp_path / "T-1")
    found = json.loads((written.folder / "person.json").read_text(encoding="utf-8"))
    assert written.delivered_row_count == sum(len(each["rows"]) for each in found["delivered"].values()) == 5
    page = (written.folder / "person.html").read_text(encoding="utf-8")
    assert "It is torn &lt;b&gt;again&lt;/b&gt;" in page
    assert "Secret Lane" not in page + json.dumps(found)
