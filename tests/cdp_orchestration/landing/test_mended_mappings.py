"""A file lands again when a home declares its stream otherwise, and what the former mapping made of it is gone."""

import json
from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.sources import Stream, declared_streams, shipped_streams

CLUB = "source: club\nstreams: {members: {key: [id], fields: {id: identifier, NAME: text}}}\n"
HUBSPOT = "source: crm\nstreams: {accounts: {renames: {Company ID: Id, Company: Name, Modified: SystemModstamp}}}\n"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    return Settings(home=tmp_path)


def declare(home: Settings, text: str) -> Stream:
    (home.own_sources / "own.yml").write_text(text, encoding="utf-8")
    if "crm" in text:
        return next(stream for stream in declared_streams(home) if stream.table == "crm_accounts")
    return declared_streams(home)[-1]


def deliver(home: Settings, stream: Stream, text: str) -> None:
    folder = home.inbox / stream.source / stream.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.csv").write_text(text, encoding="utf-8")


def rows(home: Settings, query: str) -> list[tuple[object, ...]]:
    with read_warehouse(home.warehouse) as connection:
        return connection.execute(query).fetchall()


def test_a_file_that_was_refused_lands_once_its_headings_are_declared(home):
    accounts = next(stream for stream in shipped_streams() if stream.table == "crm_accounts")
    deliver(home, accounts, "Company ID,Company,Modified\nC1,Acme,2026-01-01T00:00:00Z\n")
    refused = land_stream(accounts, home)

    landed = land_stream(declare(home, HUBSPOT), home)

    assert (refused.files_refused, landed.rows_landed, landed.files_still_refused) == (1, 1, 0)
    assert rows(home, 'select "Id", "Name" from landing.crm_accounts') == [("C1", "Acme")]


def test_a_mended_mapping_replaces_what_the_former_one_made_of_a_file(home):
    members = declare(home, CLUB)
    deliver(home, members, "id,full_name\n1,Ada\n2,Ben\n")
    land_stream(members, home)

    mended = declare(home, CLUB.replace("key:", "renames: {full_name: NAME}, key:"))
    landed = land_stream(mended, home)

    assert landed.rows_landed == 2
    assert rows(home, 'select id, "NAME" from landing.club_members order by id') == [("1", "Ada"), ("2", "Ben")]
    assert land_stream(mended, home).files_landed == 0


def test_what_does_not_decide_how_a_file_lands_lands_nothing_again(home):
    members = declare(home, CLUB)
    deliver(home, members, "id,NAME\n1,Ada\n")
    land_stream(members, home)

    described = declare(home, CLUB.replace("key:", "vendor: club member, key:"))

    assert described.declaration == members.declaration
    assert land_stream(described, home).files_landed == 0


def test_the_batches_of_a_stream_that_no_home_changes_keep_their_names():
    assert {stream.declaration for stream in shipped_streams()} == {""}


ORDERS = """
source: shop
streams:
  orders:
    key: [id]
    renames: {total.net.amount: amount, total.net.currency: currency, buyer.id: buyer_id}
    fields: {id: identifier, amount: signed_amount, currency: currency, buyer_id: identifier, note: text}
"""


@pytest.mark.parametrize(
    "row",
    [
        {"id": "2", "total": None, "buyer": None},
        {"id": "2", "total": {}, "buyer": {}},
        {"id": "2", "total": {"net": None}, "buyer": {"id": None}},
        {"id": "2", "total": {"net": {}}},
        {"id": "2"},
    ],
    ids=["null", "empty", "null inside", "empty inside", "absent"],
)
def test_an_object_that_a_row_lacks_is_no_column_of_its_own(home: Settings, row: dict[str, object]) -> None:
    stream = declare(home, ORDERS)
    whole = {"id": "1", "total": {"net": {"amount": "9.50", "currency": "EUR"}}, "buyer": {"id": 7}}
    folder = home.inbox / "shop" / "orders"
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_text(f"{json.dumps(whole)}\n{json.dumps(row)}\n", encoding="utf-8")
    landed = land_stream(stream, home)
    assert (landed.rows_landed, landed.undeclared_columns) == (2, ())


def test_what_else_an_object_has_is_kept_beside_the_declared_fields(home: Settings) -> None:
    stream = declare(home, ORDERS)
    folder = home.inbox / "shop" / "orders"
    folder.mkdir(parents=True)
    row = {"id": "1", "total": {"net": {"amount": "9.50"}, "tax": None}, "buyer": "7"}
    (folder / "a.jsonl").write_text(f"{json.dumps(row)}\n", encoding="utf-8")
    assert land_stream(stream, home).undeclared_columns == ("buyer", "total")
