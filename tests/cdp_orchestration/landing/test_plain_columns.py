"""A column that is typed as a whole lands as its values do when each is looked at by itself."""

from datetime import datetime
from unittest import mock

import pyarrow as pa
import pytest

from cdp_orchestration.landing.contract import checked_rows, text_columns
from cdp_orchestration.landing.contract.checked_rows import check_rows
from cdp_orchestration.landing.contract.plain_columns import plain_columns
from cdp_orchestration.landing.raw_rows import RawRows, arrow_engine, raw_table
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.field import SenderClock
from cdp_orchestration.sources.kinds import (
    AMOUNTS,
    QUANTITIES,
    amount,
    boolean,
    currency,
    date,
    digits,
    identifier,
    integer,
    json_object,
    json_objects,
    json_texts,
    occurrence,
    salesforce_id,
    sender_time,
    signed_amount,
    state_change,
    text,
    timestamp,
)

LOADED_AT = datetime(2026, 6, 1, 12)  # noqa: DTZ001
RECEIVED = "2026-05-01T00:00:00Z"
TIMES = [
    "2026-01-02T03:04:05Z", "1989-12-31T23:59:59Z", "1990-01-01T00:00:00Z", "2026-06-01T12:00:00Z", "",
    "2026-06-01T12:00:01Z", "2026-06-01T12:06:00Z", "2027-01-01T00:00:00Z", "2026-01-02T03:04:05", "null",
    "2026-01-02 03:04:05Z", "2026-01-02 03:04:05", "2026-01-02T03:04:05.123Z", "2026-01-02T03:04:05.123456Z",
    "2026-01-02T03:04:05+0200", "2026-01-02T03:04+02:00", "2026-01-02T24:00:00Z", "2026-01-02T03:04:60Z",
    "2026-01-02T03:04:05z", "0999-01-02T03:04:05Z",
]  # fmt: skip
OBJECTS = [
    "{}", '{"a":1}', "[]", '{"a":"12.5"}', '{"a":-1}', '{"a":"x"}', '{"a":""}', '{"a":null}', '{"a":nan}', '{"a":1e3}',
    '{"a":1.00001}', '{"a":9999999999.9999}', '{"a":10000000000}', '{"a":10000000001}', '{"a" : "12 "}', '{"a":"1."}',
    '{"a":"1.x"}', '{"a":"1.5x"}', '{"a": {"x":1}}', '{"a":[1]}', '{"a":true}', '{"\\u0061":-1}', '{"a":"-0"}',
    '{"b":{"c":100000}}', '{"b":{"c":100001}}', '{"b":{"c":-5}}', '{"b":{"c":"99999.99999"}}', "{", '{"a":1', '"x"',
    "1", "null", "", "nan", " {}", '{"id":3.0}', '{"a":1,"a":-1}', '{"x":"\\"a\\":-1"}', '{"x":"a"}', '{"a":"1""}',
    '{"a":00}', '{"a":"+1"}', '{"a":"1,5"}', '{"a":.5}', '{"a":"null"}', '{"a":n}', '{"d":"' + "y" * 1001 + '"}',
    '{"d":' + "[" * 70 + "]" * 70 + "}", '{"d":' + "[" * 63 + "]" * 63 + "}",
    '{"d":[' + ",".join(["[]"] * 70) + "]}",
]  # fmt: skip
LISTS = [
    "[]", '[{"a":1}]', "[ ]", "{}", '[{"a":1},{"a":"2.5"}]', '[{"a":-1}]', "[{}, 1]", '[{}, "x"]', '[{},"x",{}]',
    '["x"]', "[1]", '[{}, {"a":{"b":1},"c":"d"}]', '[{"t":[{"c":100001}]}]', '[{"t":[{"c":5}]}]', "[{},[]]",
    "[{},null]", "[null]", '[{} , "a\\"b" ]', '[{"x":{},"k":1}]', " []", "[{},]", "[[{}]]", "[{}", '[{"t":[{},1]}]',
]  # fmt: skip
# A field, the values of which the first is plain, and how many of them are plain by themselves, at least.
CASES = {
    "text": (text("f"), ["a", "", " ", "null", "x" * 1000, "é" * 600, "é" * 1001, "x" * 1001, "'00", "=1"], 5),
    "identifier": (
        identifier("f"),
        ["123", "", "0", "null", "none", "abc", "123e5", "1E+05", "7a-b_c", "gid://x", "3.0", "+44", "1,234,567",
         "####",
         "0" * 15, "001" + "A" * 12, "123 ", "é", "a" * 21, "nan", "123456789012345678901"],
        6,
    ),
    "salesforce_id": (salesforce_id("f"), ["123", "001" + "A" * 12, "001" + "A" * 15, "701" + "1" * 12, "0" * 15], 2),
    "digits": (digits("f"), ["+4420", "0049", "1E+05", "4.0", "+", "-", "12 ", "##", "+44+1"], 2),
    "currency": (currency("f"), ["EUR", "eur", "EURO", " EUR", "EU", "", "É", "EUR\n"], 2),
    "boolean": (boolean("f"), ["true", "FALSE", "1", "0", "t", "yes", "", "1.0", " true", "null"], 4),
    "amount": (
        amount("f"),
        ["1", "0", "12.5", "1.23456", "1.2300000", "007", ".5", "5.", ".", "..", "1e5", "-1", "10000000000", "12 ", "",
         "10000000001", "9999999999.9999", "99999999999999999999", "null"],
        6,
    ),
    "signed_amount": (signed_amount("f"), ["1", "-1", "10000000001"], 1),
    "integer": (integer("f"), ["1", "0", "1.0", "1000000", "1000001", "-1", "007", "9223372036854775808", "1."], 3),
    "date": (
        date("f"),
        ["2026-01-02", "0000-00-00", "0001-01-01", "2026-02-30", "2026-1-2", "1899-12-31", "9999-12-31", "",
         "2026-01-02T00:00:00Z"],
        3,
    ),
    "timestamp": (timestamp("f"), TIMES, 5),
    "sender_time": (sender_time("f", "A time."), TIMES, 5),
    "state_change": (state_change("f"), TIMES, 5),
    "occurrence": (occurrence("f"), TIMES, 5),
    "corrected": (occurrence("f", sender_clock=SenderClock("f", "received")), TIMES, 5),
    "object": (json_object("f", numbers={"a": AMOUNTS, "b.c": QUANTITIES}), OBJECTS, 8),
    "list": (json_objects("f", numbers={"*.a": AMOUNTS, "*.t.*.c": QUANTITIES}), LISTS, 5),
    "texts": (json_texts("f"), ["[]", '["a"]', "[1]", "{}"], 0),
}  # fmt: skip


@pytest.fixture(scope="module")
def engine():
    with arrow_engine() as opened:
        yield opened


def stream_of(field, *, is_required, has_cursor):
    key = ("key", "f") if is_required else ("key",)
    received = [timestamp("received")] if has_cursor or field.sender_clock else []
    cursor = "received" if has_cursor else None
    return Stream("shop", "things", "Thing", key, cursor, (identifier("key"), field, *received))


def rows_of(stream, values):
    columns = {
        "key": pa.array(["1"] * len(values)),
        "f": pa.array(values, pa.string()),
        "received": pa.array([RECEIVED] * len(values)),
    }
    return RawRows(raw_table(stream, columns, range(1, len(values) + 1), None), [], frozenset())


def landed(engine, raw, stream):
    found = check_rows(engine, raw, stream, LOADED_AT)
    return found.good.to_pylist(), found.refused, found.corrected


def landed_value_by_value(engine, raw, stream):
    with mock.patch.object(checked_rows, "plain_columns", return_value={}):
        return landed(engine, raw, stream)


@pytest.mark.parametrize("has_cursor", [True, False], ids=["cursor", "no-cursor"])
@pytest.mark.parametrize("is_required", [True, False], ids=["required", "optional"])
@pytest.mark.parametrize("kind", CASES)
def test_a_column_lands_as_each_of_its_values_does(engine, kind, is_required, has_cursor):
    field, values, plain_count = CASES[kind]
    stream = stream_of(field, is_required=is_required, has_cursor=has_cursor)
    found = 0
    for column in [*([value] for value in values), *([values[0], value] for value in values), [values[0], None]]:
        raw = rows_of(stream, column)
        if "f" in plain_columns(raw, stream, LOADED_AT):
            found += len(column) == 1
            assert landed(engine, raw, stream) == landed_value_by_value(engine, raw, stream), column
    assert found >= min(plain_count, 2) if has_cursor else found >= plain_count


def test_a_value_that_is_refused_takes_no_other_value_of_its_rows_with_it(engine):
    stream = stream_of(json_object("f"), is_required=False, has_cursor=True)
    raw = rows_of(stream, ['{"a":1}', "{broken", '{"a":2}'])
    assert set(plain_columns(raw, stream, LOADED_AT)) == {"key", "f", "received"}
    good, refused, _ = landed(engine, raw, stream)
    assert ([row["f"] for row in good], [(row.source_line, row.reason) for row in refused]) == (
        ['{"a":1}', '{"a":2}'],
        [(2, "not_json")],
    )


def test_a_part_of_a_column_is_looked_at_and_no_more(engine):
    stream = stream_of(amount("f"), is_required=False, has_cursor=False)
    whole = rows_of(stream, ["x", "1", "2", None, "3", "y"])
    part = RawRows(whole.table.slice(1, 4), [], frozenset())
    assert "f" not in plain_columns(whole, stream, LOADED_AT)
    assert [str(value) for value in plain_columns(part, stream, LOADED_AT)["f"].to_pylist()] == [
        "1.0000", "2.0000", "None", "3.0000",
    ]  # fmt: skip
    assert landed(engine, part, stream) == landed_value_by_value(engine, part, stream)


def test_levels_are_seen_wherever_in_a_large_column_they_are(engine):
    stream = stream_of(json_object("f"), is_required=False, has_cursor=False)
    flat, deep = '{"a":"' + "y" * 200 + '"}', '{"a":' + "[" * 70 + "]" * 70 + "}"
    # The deep one lies across the end of the first piece that is looked at.
    flat_count = (text_columns.PIECE_BYTES - 40) // len(flat)
    raw = rows_of(stream, [flat] * flat_count + [deep] + [flat] * 10)
    assert "f" not in plain_columns(raw, stream, LOADED_AT)
    assert "f" in plain_columns(rows_of(stream, [flat] * (flat_count + 1)), stream, LOADED_AT)


def test_short_documents_in_a_row_have_few_levels_and_a_deep_one_among_them_is_seen(engine):
    stream = stream_of(json_object("f"), is_required=False, has_cursor=False)
    flat, deep = '{"a":"' + "y" * 200 + '"}', '{"a":' + "[" * 70 + "]" * 70 + "}"
    short = ["{}"] * 500
    assert "f" in plain_columns(rows_of(stream, [*short, flat, *short]), stream, LOADED_AT)
    assert "f" not in plain_columns(rows_of(stream, [*short, deep, *short]), stream, LOADED_AT)


def test_an_identifier_longer_than_each_word_for_nothing_is_plain(engine):
    stream = stream_of(identifier("f"), is_required=False, has_cursor=False)
    assert "f" in plain_columns(rows_of(stream, ["web-0a1b2c", "undefined1"]), stream, LOADED_AT)
    assert "f" not in plain_columns(rows_of(stream, ["web-0a1b2c", "undefined"]), stream, LOADED_AT)
