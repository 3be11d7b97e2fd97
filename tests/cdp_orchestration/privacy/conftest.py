"""A home in which two people were delivered by four sources, and some of what staging and identity made of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.sources import declared_stream

ZOE, MAX = "01-zoe", "02-max"
AT = "2026-01-02T03:04:05Z"
RECORDS = {
    "crm:contact:003zoe": ZOE,
    "ecommerce:customer:71": ZOE,
    "support:user:9": ZOE,
    "crm:contact:003max": MAX,
    "ecommerce:customer:72": MAX,
}
INTERACTIONS = [("ecommerce", "e1", "ecommerce:customer:71"), ("support", "R1", "ecommerce:customer:71")]
TABLES = """
create schema if not exists identity; create schema if not exists staging;
create table identity.profile_assignments (
    person_record_id varchar, source_system varchar, source_record_type varchar, source_record_id varchar,
    profile_id varchar
);
create table staging.interactions (source_system varchar, source_record_id varchar, person_record_id varchar);
create table staging.person_records (
    person_record_id varchar, full_name varchar, given_name varchar, family_name varchar, address_line varchar,
    emails varchar[], phones varchar[], loyalty_numbers varchar[], shop_customer_ids varchar[],
    card_fingerprints varchar[], other_identifiers varchar[]
)
"""


def contact(key: str, **values: Any) -> dict[str, Any]:
    return {"Id": key, "SystemModstamp": AT, "CreatedDate": AT, **values}


def customer(key: str, **values: Any) -> dict[str, Any]:
    return {"id": key, "updated_at": AT, "created_at": AT, **values}


DELIVERED = {
    "crm/contacts": [
        contact("003zoe", LastName="Quastenberg", Email="Zoe@mail.example", Phone="+49 30 1234567", AccountId="001one"),
        contact("003max", LastName="Muster", Email="max@mail.example", Phone="0049301234567", AccountId="001one"),
    ],
    "crm/accounts": [{"Id": "001one", "Name": "One Inc.", "IsPersonAccount": "false", "SystemModstamp": AT}],
    "ecommerce/customers": [
        customer("71", email="zoe@mail.example", last_name="Quastenberg"),
        customer("72", email="max@mail.example", last_name="Muster"),
    ],
    "ecommerce/events": [
        {"messageId": "e1", "anonymousId": "device-zoe", "receivedAt": AT, "timestamp": AT},
        {"messageId": "e2", "anonymousId": "device-max", "userId": "72", "receivedAt": AT, "timestamp": AT},
    ],
    "support/survey_responses": [
        {"response_id": "R1", "order_id": "5", "comment": "It was late", "responded_at": AT, "survey": "nps"},
        {"response_id": "R2", "order_id": "6", "comment": "It was early", "responded_at": AT, "survey": "nps"},
    ],
}


@pytest.fixture
def delivered_home(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(home=tmp_path)
    with open_warehouse(settings.warehouse) as connection:
        connection.execute(TABLES)
        for key, profile in RECORDS.items():
            row = [key, *key.split(":"), profile]
            connection.execute("insert into identity.profile_assignments values (?, ?, ?, ?, ?)", row)
        connection.executemany("insert into staging.interactions values (?, ?, ?)", INTERACTIONS)
        for name, rows in DELIVERED.items():
            stream = declared_stream(name, settings)
            path = settings.inbox / name / "a.jsonl"
            path.parent.mkdir(parents=True)
            path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
            assert land_stream(stream, settings).rows_landed == len(rows)
        yield settings
