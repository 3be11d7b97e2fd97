"""The keys of rows that landing refused are found whatever the source calls its fields."""

import json

import duckdb
import pytest

from cdp_orchestration.sources import Field, FieldType, Stream
from cdp_orchestration.sources.snapshots import refused_keys

_QUARANTINE = """
    create schema operations;
    create table operations.quarantined (
        source varchar, stream varchar, raw_row varchar, source_file varchar, refused_at timestamp,
        is_row_landed boolean
    )
"""


def stream(key: dict[str, FieldType]) -> Stream:
    fields = tuple(Field(name, kind) for name, kind in key.items())
    return Stream("a", "b", "row", tuple(key), None, fields)


@pytest.mark.parametrize("name", ["id", "Kunden's Nr", 'Nr "alt"', "a.b", "a/b~c"])
def test_a_key_of_any_name_is_found_in_a_refused_row(name: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(_QUARANTINE)
        row = [json.dumps({name: " 7 ", "other": "8"})]
        connection.execute(
            "insert into operations.quarantined values ('a', 'b', ?, 'f.csv', now()::timestamp, false)", row
        )
        connection.execute('create table landed ("' + name.replace('"', '""') + '" varchar, other varchar)')
        alone = connection.execute(refused_keys(stream({name: "text"}), "landed")).fetchall()
        together = connection.execute(refused_keys(stream({name: "text", "other": "text"}), "landed")).fetchall()

    assert [each[0] for each in alone] == ["7"]
    assert [each[:2] for each in together] == [("7", "8")]


LANDED = [("S1", 7, "2026-03-01 10:00:00"), ("S1", 8, "2026-03-01 10:00:00"), ("S2", 7, "2026-03-02 00:00:00")]


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("S1,007,2026-03-01T10:00:00Z,too,many", [("S1", "7")]),
        ('{"store": "S1", "no": 8, "at": "2026-03-01 10:00", "name": "cut o', [("S1", "8")]),
        ('"S2";7;"2026-03-02"', [("S2", "7")]),
        ("S2,8,2026-03-02", []),
        ("S1,7", []),
        ("", []),
    ],
)
def test_a_line_that_is_no_row_stands_for_each_landed_key_of_which_it_has_all_values(line: str, keys: list[object]):
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(_QUARANTINE)
        values = "insert into operations.quarantined values ('a', 'b', ?, 'f.csv', now()::timestamp, false)"
        connection.execute(values, [line])
        connection.execute(values, ["S9,9"])
        connection.execute("create table landed (store varchar, no bigint, sold timestamp)")
        connection.executemany("insert into landed values (?, ?, ?)", LANDED)
        declared = stream({"store": "text", "no": "integer", "sold": "timestamp"})
        found = connection.execute(refused_keys(declared, "landed")).fetchall()

    assert [each[:2] for each in found] == keys


def test_a_refused_row_has_its_key_as_it_would_have_landed():
    with duckdb.connect() as connection:
        connection.execute(_QUARANTINE)
        row = [json.dumps({"store": " S1", "no": "007", "total": "1O"})]
        connection.execute(
            "insert into operations.quarantined values ('a', 'b', ?, 'f.csv', now()::timestamp, false)", row
        )
        connection.execute("create table landed (store varchar, no bigint)")
        together = connection.execute(refused_keys(stream({"store": "text", "no": "integer"}), "landed")).fetchall()
        alone = connection.execute(refused_keys(stream({"no": "integer"}), "landed")).fetchall()

    assert [each[:2] for each in together] == [("S1", "7")]
    assert [each[0] for each in alone] == ["7"]
