"""A phone of the blocklist is suppressed however a person wrote it."""

import duckdb
import pyarrow as pa
import pytest

from cdp_orchestration.identity_stage.blocked_phones import with_international_phones
from identity import BLOCKLIST


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
