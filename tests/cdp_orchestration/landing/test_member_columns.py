"""Documents that stand in one column of a table, as in raw tables of Airbyte: the rows of the same JSON file land."""

import csv
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_postgres_scanner as scanner
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from postgres_server import running_postgres

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import fetch_stream, land_stream
from cdp_orchestration.landing.files.written_deliveries import rewrite
from cdp_orchestration.landing.inbox import find_deliveries
from cdp_orchestration.sources import Stream, declared_stream

RAW_TABLE = """
source: club
streams:
  members:
    key: [id]
    cursor: changed_at
    renames:
      _airbyte_data.id: id
      _airbyte_data.email: email
      _airbyte_data.profile.names.first: first_name
      _airbyte_data.tags: tags
      _airbyte_data.updated_at: changed_at
      _airbyte_data.created_at: changed_at
      _airbyte_data.spent: spent
      _airbyte_data.status: status
    values:
      status: {1: active, 0: archived}
    fields:
      id: identifier
      email: text
      first_name: text
      tags: json_texts
      spent: amount
      status: text
      changed_at: timestamp
"""
DOCUMENTS: list[Any] = [
    {"id": 7, "email": "ada@example.org", "profile": {"names": {"first": "Ada"}}, "tags": ["a", "b"], "spent": 12.5,
     "updated_at": "2026-03-01T10:00:00Z", "created_at": "2025-01-01T00:00:00Z", "status": 1, "extra": {"n": 1}},
    {"id": 8, "email": None, "profile": {"names": {"first": "Bo", "last": "Li"}}, "spent": "3", "status": "0",
     "updated_at": None, "created_at": "2026-02-01T00:00:00Z"},
    {"id": "9007199254740993", "created_at": "2026-02-01T00:00:00Z"},
]  # fmt: skip
ROWS = [{"_airbyte_ab_id": f"r{number}", "_airbyte_data": document} for number, document in enumerate(DOCUMENTS)]
COLUMNS = "id, email, first_name, tags, spent, status, changed_at, _extra"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    return Settings(home=tmp_path)


def declare(home: Settings, text: str = RAW_TABLE, name: str = "club/members") -> Stream:
    (home.own_sources / "own.yml").write_text(text, encoding="utf-8")
    return declared_stream(name, home)


def folder_of(home: Settings, stream: Stream) -> Path:
    folder = home.inbox / stream.source / stream.name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def landed(home: Settings, columns: str = COLUMNS, table: str = "club_members") -> list[tuple[object, ...]]:
    with open_warehouse(home.warehouse) as connection:
        return connection.execute(f"select {columns} from landing.{table} order by all").fetchall()


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows({name: json.dumps(v) if isinstance(v, dict) else v for name, v in row.items()} for row in rows)
    return text.getvalue().encode()


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), written)
    return written.getvalue()


def of_text(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: json.dumps(v) if isinstance(v, dict) else v for name, v in row.items()} for row in rows]


def lines(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.fixture
def expected(tmp_path: Path) -> list[tuple[object, ...]]:
    home = Settings(home=tmp_path / "expected")
    home.own_sources.mkdir(parents=True)
    members = declare(home)
    (folder_of(home, members) / "a.jsonl").write_bytes(lines(ROWS))
    assert land_stream(members, home).rows_landed == 3
    return landed(home)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a.csv", as_csv(ROWS)),
        ("a.parquet", as_parquet(of_text(ROWS))),
        ("a.jsonl", lines(of_text(ROWS))),
        ("upper.csv", as_csv(ROWS).replace(b"_airbyte_data", b"_AIRBYTE_DATA", 1)),
    ],
)
def test_a_raw_table_lands_as_the_objects_of_a_json_file_do(home, expected, file, content):
    members = declare(home)
    (folder_of(home, members) / file).write_bytes(content)

    result = land_stream(members, home)

    assert (result.rows_landed, result.rows_refused) == (3, 0)
    rows = [(*row[:-1], row[-1].replace("_AIRBYTE_DATA", "_airbyte_data")) for row in landed(home)]
    assert rows == expected


def test_the_members_of_a_struct_are_those_of_an_object(home, tmp_path):
    rows = [{"at": 1, "_airbyte_data": {"id": "7", "email": "a@x.com", "profile": {"names": {"first": "Ada"}},
             "updated_at": "2026-03-01"}}]  # fmt: skip
    other = Settings(home=tmp_path / "other")
    other.own_sources.mkdir(parents=True)
    for each, file, content in ((home, "a.parquet", as_parquet(rows)), (other, "a.jsonl", lines(rows))):
        members = declare(each)
        (folder_of(each, members) / file).write_bytes(content)
        assert land_stream(members, each).rows_landed == 1

    assert landed(home) == landed(other)
    assert landed(home, "_extra") == [('{"at":1}',)]


def test_a_raw_table_of_a_file_database_is_fetched_and_lands(home, expected, tmp_path):
    with sqlite3.connect(tmp_path / "raw.db") as raw:
        raw.execute("create table raw_members (_airbyte_ab_id text, _airbyte_data text, _airbyte_emitted_at text)")
        rows = [(row["_airbyte_ab_id"], row["_airbyte_data"], None) for row in of_text(ROWS)]
        raw.executemany("insert into raw_members values (?, ?, ?)", rows)
    place = f"    from: {{kind: sqlite, path: {tmp_path}/raw.db, table: raw_members}}\n"
    members = declare(home, RAW_TABLE + place)

    fetch_stream(members, home)

    assert land_stream(members, home).rows_landed == 3
    without = [(*row[:-1], row[-1].replace(',"_airbyte_emitted_at":null', "")) for row in landed(home)]
    assert without == expected


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["json", "jsonb", "text"])
def test_a_raw_table_of_a_database_is_fetched_by_a_column_and_lands_by_its_document(home, expected, monkeypatch, kind):
    place = (
        '    from: {kind: postgres, url: "env:RAW_DATABASE", table: public.raw_members, cursor: at,\n'
        "           columns: [_airbyte_ab_id, _airbyte_data]}\n"
    )
    members = declare(home, RAW_TABLE + place)
    with running_postgres() as address, duckdb.connect() as database:
        monkeypatch.setenv("RAW_DATABASE", address)
        database.load_extension(str(next(Path(scanner.__file__).parent.rglob("*.duckdb_extension"))))
        database.execute(f"attach '{address}' as raw (type postgres)")
        values = ", ".join(f"('{row['_airbyte_ab_id']}', '{row['_airbyte_data']}', now())" for row in of_text(ROWS))
        database.execute(
            f"call postgres_execute('raw', $$create table raw_members (_airbyte_ab_id text, _airbyte_data {kind}, "
            f"at timestamptz); insert into raw_members values {values}$$)"
        )
        fetch_stream(members, home)

    assert land_stream(members, home).rows_landed == 3
    assert [row[:-1] for row in landed(home)] == [row[:-1] for row in expected]


def test_a_document_of_a_declared_field_gives_members_of_others_and_of_itself(home, tmp_path):
    text = """
source: ecommerce
streams:
  orders:
    renames:
      billing: billing_address
      billing.email: email
      billing.address_1: billing_address.address1
      date: updated_at
      "line_items.*.name": "line_items.*.title"
    values: {customer.id: {0: null}}
"""
    rows = [
        {"id": "1", "date": "2026-03-01T10:00:00Z", "billing": {"email": "a@x.com", "address_1": "Main St", "zip": "1"},
         "customer": {"id": 5, "tags": "x"}, "line_items": [{"name": "Shoe"}]},
        {"id": "2", "date": "2026-03-01T10:00:00Z", "billing": {"email": "b@x.com"}, "customer": {"id": 0}},
        {"id": "3", "date": "2026-03-01T10:00:00Z", "billing": {}, "customer": {}, "line_items": []},
    ]  # fmt: skip
    wide = [{**dict.fromkeys(rows[0]), **row} for row in rows]
    texts = [{name: json.dumps(v) if isinstance(v, dict | list) else v for name, v in row.items()} for row in wide]
    columns = "id, email, billing_address, customer, line_items, _extra"
    found = []
    for number, (file, content) in enumerate([("a.jsonl", lines(rows)), ("a.csv", as_csv(texts))]):
        each = Settings(home=tmp_path / str(number))
        each.own_sources.mkdir(parents=True)
        orders = declare(each, text, "ecommerce/orders")
        (folder_of(each, orders) / file).write_bytes(content)
        assert land_stream(orders, each).rows_landed == 3
        found.append(landed(each, columns, "ecommerce_orders"))

    assert found[0] == found[1]
    assert found[0][0][:3] == ("1", "a@x.com", '{"zip":"1","address1":"Main St"}')


def test_a_row_without_its_document_is_refused_and_the_others_land(home):
    members = declare(home)
    content = 'n,_airbyte_data\n1,"{""id"": 1, ""updated_at"": ""2026-01-01""}"\n2,{broken\n3,\n'
    (folder_of(home, members) / "a.csv").write_text(content)

    result = land_stream(members, home)

    assert (result.rows_landed, result.refused_by_reason) == (1, {"missing_required_value": 4})
    assert result.undeclared_columns == ("_airbyte_data", "n")


@pytest.mark.parametrize(
    "content",
    ["n,payload\n1,x\n2,y\n", 'n,_airbyte_data\n1,"{""email"": ""a@x.com""}"\n2,"{""email"": ""b@x.com""}"\n'],
)
def test_a_file_without_the_key_or_a_document_that_has_it_is_refused_once(home, content):
    members = declare(home)
    (folder_of(home, members) / "a.csv").write_text(content)

    result = land_stream(members, home)

    assert (result.files_refused, result.refused_by_reason) == (1, {"missing_required_column": 1})


def test_a_file_without_header_may_have_its_key_in_a_document(home):
    members = declare(home, RAW_TABLE + "    files: {columns: [row_id, _airbyte_data], separator: ';', quote: none}\n")
    row = json.dumps({"id": 7, "updated_at": "2026-01-01", "email": "a@x.com"})
    (folder_of(home, members) / "a.csv").write_text(f"r1;{row}\n")

    assert land_stream(members, home).rows_landed == 1
    assert landed(home, "id, email") == [("7", "a@x.com")]


@pytest.mark.parametrize(("file", "write"), [("a.csv", as_csv), ("a.parquet", as_parquet)])
def test_a_raw_table_that_an_erasure_writes_again_says_what_it_said(home, file, write):
    members = declare(home)
    (folder_of(home, members) / file).write_bytes(write(of_text(ROWS)))
    land_stream(members, home)
    before = landed(home, "id, email, first_name, tags, spent, status, changed_at")

    (delivery,) = find_deliveries(members, home)
    assert rewrite(delivery, members, lambda raw: (raw.table, True))
    land_stream(members, home, again={delivery.source_file})

    newest = "club_members where _loaded_at = (select max(_loaded_at) from landing.club_members)"
    assert landed(home, "id, email, first_name, tags, spent, status, changed_at", newest) == before
