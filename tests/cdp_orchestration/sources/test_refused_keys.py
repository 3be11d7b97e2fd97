"""The keys of rows that landing refused are found whatever the source calls its fields."""

import json

import duckdb
import pytest

from cdp_orchestration.sources.snapshots import refused_keys

_QUARANTINE = """
    create schema operations;
    create table operations.quarantined (
        source varchar, stream varchar, raw_row varchar, source_file varchar, refused_at timestamp,
        is_row_landed boolean
    )
"""


@pytest.mark.parametrize("name", ["id", "Kunden's Nr", 'Nr "alt"', "a.b", "a/b~c"])
def test_a_key_of_any_name_is_found_in_a_refused_row(name: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(_QUARANTINE)
        row = [json.dumps({name: " 7 ", "other": "8"})]
        connection.execute(
            "insert into operations.quarantined values ('a', 'b', ?, 'f.csv', now()::timestamp, false)", row
        )
        alone = connection.execute(refused_keys("a", "b", [name])).fetchall()
        together = connection.execute(refused_keys("a", "b", [name, "other"])).fetchall()

    assert [each[0] for each in alone] == ["7"]
    assert [each[:2] for each in together] == [("7", "8")]
