"""A phone of the blocklist is suppressed however a person wrote it."""

import duckdb
import pyarrow as pa
import pytest

from cdp_orchestration.identity_stage.blocked_phones import international_forms, with_international_phones
from identity import BLOCKLIST


@pytest.mark.parametrize(
    "written",
    ["+43 660 123 45 67", "0043-660-1234567", "+43 (0)660 1234567", "+43 660 1234567 ext. 12", "0660 / 123 45 67"],
)
def test_every_spelling_of_a_number_has_one_international_form(written):
    assert international_forms(written, ["AT"]) == {"+436601234567"}


def test_the_former_mobile_prefix_of_mexico_is_left_out():
    assert international_forms("+52 1 55 1234 5678", []) == {"+525512345678"}


def test_a_number_without_country_stands_for_one_of_each_country_of_the_records():
    assert international_forms("0660 1234567", ["AT", "DE"]) == {"+436601234567", "+496601234567"}


def test_what_is_no_number_has_no_form():
    assert international_forms("the till", ["AT"]) == set()


@pytest.mark.parametrize(("country_code", "phones"), [("AT", []), (None, ["+4312345678"])])
def test_the_countries_are_those_of_addresses_and_phones(country_code, phones):
    connection = duckdb.connect()
    connection.execute("create table people (country_code varchar, phones varchar[])")
    connection.execute("insert into people values (?, ?)", [country_code, phones])
    rows = [
        {"identifier_type": "phone", "identifier_value": "0660 1234567"},
        {"identifier_type": "email", "identifier_value": "till@shop.example"},
    ]
    found = with_international_phones(connection, "people", pa.Table.from_pylist(rows, schema=BLOCKLIST))
    assert [row["identifier_value"] for row in found.to_pylist()] == [
        "0660 1234567",
        "till@shop.example",
        "+436601234567",
    ]
