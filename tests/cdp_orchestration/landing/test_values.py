"""Delivered values: typed by the contract, equal from every format, never guessed."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

AT_TEN = datetime(2026, 3, 1, 10, 0)  # noqa: DTZ001


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T10:00:00Z",
        "2026-03-01T10:00:00.000+0000",
        "2026-03-01T12:00:00+02:00",
        "2026-03-01T04:30:00-05:30",
        "2026-03-01 10:00:00",
        "2026-03-01T10:00",
        " 2026-03-01T10:00:00Z ",
    ],
)
def test_times_are_read_in_utc(contacts, written):
    contacts.deliver("a.jsonl", [contacts.row(1, SystemModstamp=written)])
    contacts.land()
    assert contacts.landed("SystemModstamp") == [(AT_TEN,)]


@pytest.mark.parametrize("written", ["1767322800", "01/03/2026", "2026-03-01T25:00:00Z", "yesterday"])
def test_a_time_that_is_not_iso_8601_is_refused(contacts, written):
    contacts.deliver("a.jsonl", [contacts.row(1, CreatedDate=written)])
    contacts.land()
    assert contacts.refusals() == [("a.jsonl", 1, "CreatedDate", "not_a_timestamp")]


def test_parquet_times_with_a_zone_are_read_in_utc(loyalty_members):
    zone = timezone(timedelta(hours=2))
    rows = [
        loyalty_members.row(1, updated_at=datetime(2026, 3, 1, 12, 0, tzinfo=zone), date_of_birth=date(1980, 2, 29)),
        loyalty_members.row(2, updated_at=AT_TEN.replace(tzinfo=UTC), date_of_birth=None),
    ]
    loyalty_members.deliver("a.parquet", rows)
    loyalty_members.land()
    assert loyalty_members.landed("updated_at, date_of_birth") == [(AT_TEN, date(1980, 2, 29)), (AT_TEN, None)]


@pytest.mark.parametrize(
    ("written", "read"),
    [("19.10", Decimal("19.1000")), (19.1, Decimal("19.1000")), (7, Decimal(7)), ("1e2", Decimal(100)), ("", None)],
)
def test_amounts_are_exact_decimals(orders, written, read):
    orders.deliver("a.jsonl", [orders.row(1, total_price=written)])
    orders.land()
    assert orders.landed("total_price") == [(read,)]


@pytest.mark.parametrize("written", ["19,10", "1_000", "NaN", "€5", "99999999999999999"])
def test_an_amount_that_is_not_a_plain_number_is_refused(orders, written):
    orders.deliver("a.jsonl", [orders.row(1, total_price=written)])
    orders.land()
    assert orders.refusals() == [("a.jsonl", 1, "total_price", "not_a_decimal")]


@pytest.mark.parametrize("written", ["1.5", "one", "9999999999999999999"])
def test_a_whole_number_is_not_rounded(transaction_items, written):
    transaction_items.deliver("a.csv", [transaction_items.row(1), transaction_items.row(2, line_no=written)])
    transaction_items.land()
    assert transaction_items.refusals() == [("a.csv", 3, "line_no", "not_an_integer")]


def test_numbers_too_long_for_a_float_keep_their_digits(orders):
    line = orjson.dumps(orders.row(1)).replace(b'"12.50"', b"1234567890.123400000", 1)
    line = line.replace(b'"id 1"', b"123456789012345678901234567890").replace(
        b'"price":"3.00"', b'"price":0.12345678901234567890'
    )
    orders.deliver("a.jsonl", line)
    orders.land()
    ((order_id, price, items),) = orders.landed("id, total_price, line_items")
    assert order_id == "123456789012345678901234567890"
    assert price == Decimal("1234567890.123400000")
    assert items == '[{"sku":"A1","price":0.12345678901234567890}]'


@pytest.mark.parametrize(
    ("name", "number"), [("a.jsonl", 42), ("a.jsonl", 42.0), ("a.parquet", 42), ("a.parquet", 42.0)]
)
def test_a_number_as_id_becomes_text_without_a_decimal_point(loyalty_members, name, number):
    loyalty_members.deliver(name, [loyalty_members.row(1, member_id=number)])
    loyalty_members.land()
    assert loyalty_members.landed("member_id") == [("42",)]


def test_nested_values_are_compact_json_from_every_format(orders):
    orders.deliver(
        "a.jsonl", b'{"id": 1, "updated_at": "2026-03-01", "customer": { "id" : 5, "name": "Z\\u00fcrich" }}'
    )
    table = pa.table({"id": ["1"], "updated_at": ["2026-03-01"], "customer": [{"id": 5, "name": "Zürich"}]})
    pq.write_table(table, orders.deliver("b.parquet", b""))
    orders.deliver("c.csv", [{"id": 1, "updated_at": "2026-03-01", "customer": {"id": 5, "name": "Zürich"}}])
    orders.land()
    assert orders.landed("customer") == [('{"id":5,"name":"Zürich"}',)] * 3


def test_json_null_is_null(orders):
    orders.deliver("a.jsonl", [orders.row(1, customer=None)])
    orders.deliver("b.csv", [orders.row(1, customer="null")])
    orders.land()
    assert orders.landed("customer") == [(None,), (None,)]


def test_text_that_is_not_json_is_refused_in_a_json_field(orders):
    orders.deliver("a.csv", [orders.row(1, customer="{broken")])
    orders.land()
    assert orders.refusals() == [("a.csv", 2, "customer", "not_json")]


def test_empty_text_is_null_in_csv_and_stays_empty_in_other_formats(contacts):
    contacts.deliver("a.csv", [contacts.row(1, FirstName="", Birthdate="")])
    contacts.deliver("b.jsonl", [contacts.row(1, FirstName="", Birthdate="")])
    contacts.land()
    assert contacts.landed("FirstName, Birthdate") == [(None, None), ("", None)]


def test_parquet_columns_without_any_value_are_fine(loyalty_members):
    table = pa.Table.from_pylist([loyalty_members.row(1)])
    for name in ("email", "date_of_birth", "deleted_at", "email_opt_in"):
        table = table.set_column(table.column_names.index(name), name, pa.nulls(1))
    pq.write_table(table, loyalty_members.deliver("a.parquet", b""))
    loyalty_members.land()
    assert loyalty_members.landed("email, date_of_birth, deleted_at, email_opt_in") == [(None,) * 4]


def test_a_missing_optional_column_is_null(every_feed):
    optional = next(
        field.name for field in reversed(every_feed.stream.fields) if field.name not in every_feed.stream.required
    )
    rows = [{name: value for name, value in row.items() if name != optional} for row in every_feed.rows(2)]
    every_feed.deliver("a" + every_feed.ending, rows)
    landed = every_feed.land()
    assert (landed.rows_landed, landed.rows_refused) == (2, 0)
    assert every_feed.landed(f'"{optional}"') == [(None,), (None,)]


def test_an_undeclared_column_is_stored_and_reported(every_feed):
    every_feed.deliver("a" + every_feed.ending, [every_feed.row(1, Größe="XL"), every_feed.row(2, Größe=None)])
    landed = every_feed.land()
    assert landed.undeclared_columns == ("Größe",)
    extras = [value and orjson.loads(value) for (value,) in every_feed.landed("_extra")]
    assert extras == [{"Größe": "XL"}, {"Größe": None}]


def test_a_column_that_differs_in_case_only_is_another_column(contacts):
    contacts.deliver("a.csv", [contacts.row(1, email="other@example.com")])
    contacts.land()
    assert contacts.landed("Email, _extra") == [("Email 1", '{"email":"other@example.com"}')]


def test_both_versions_of_a_duplicate_key_land_and_are_counted(every_feed):
    every_feed.deliver("a" + every_feed.ending, [every_feed.row(1), every_feed.row(1), every_feed.row(2)])
    landed = every_feed.land()
    assert (landed.rows_landed, landed.rows_refused, landed.duplicate_key_rows) == (3, 0, 1)


def test_a_csv_header_may_have_a_byte_order_mark_and_blanks(contacts):
    contacts.deliver("a.csv", "\ufeff Id , SystemModstamp\r\n1,2026-03-01T10:00:00Z\r\n".encode())
    contacts.land()
    assert contacts.landed("Id, SystemModstamp") == [("1", AT_TEN)]


@pytest.mark.parametrize(
    "name", ["Kunden Übersicht (März).csv", "2026/märz/täglich 01.csv.gz", "it's 100%.csv", "UPPER.CSV"]
)
def test_paths_with_blanks_umlauts_and_signs_work(feed, name):
    feed.deliver(name, feed.rows(2)) if name != "UPPER.CSV" else feed.deliver(
        name, feed.deliver("x.csv", feed.rows(2)).read_bytes()
    )
    feed.deliver("schlecht ä.csv", b"")
    landed = feed.land()
    assert landed.refused_files == (("schlecht ä.csv", "empty_file"),)
    assert (name, 2) in feed.lines()


def test_a_link_inside_the_inbox_lands_under_its_own_name(feed):
    target = feed.deliver("../exports/today.csv", feed.rows(2))
    feed.folder.mkdir(parents=True, exist_ok=True)
    (feed.folder / "link.csv").symlink_to(target)
    feed.land()
    assert feed.lines() == [("link.csv", 2), ("link.csv", 3)]
