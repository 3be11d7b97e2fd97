"""What is read all lines at a time is what is read line by line."""

import csv
import io
from dataclasses import replace
from datetime import datetime

import orjson
import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp_orchestration.landing.contract.checked_rows import check_rows
from cdp_orchestration.landing.files import csv_files, jsonl_files, plain_json_lines, text_blocks
from cdp_orchestration.landing.files.csv_files import read_csv
from cdp_orchestration.landing.files.jsonl_files import read_jsonl
from cdp_orchestration.landing.raw_rows import arrow_engine
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources import shipped_streams

LOADED_AT = datetime(2026, 6, 1, 12)  # noqa: DTZ001
ORDERS = next(stream for stream in shipped_streams() if stream.table == "ecommerce_orders")
CONTACTS = next(stream for stream in shipped_streams() if stream.table == "crm_contacts")
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**18), 10**18), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12), st.sampled_from(["NaN", "a, inf,", "x,]", "12.0", "1e5", "\u0000", "😀"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
NAMES = st.sampled_from(
    ["id", "updated_at", "total_price", "customer", "tags", "note", "Id", "über", "a.b", "__proto__"]
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=6)
ODD_LINES = st.sampled_from(
    ["", "  ", "[1]", "null", "{}", '{"id":1,"id":2}', '{"id":NaN}', '{"id":1,}', '{"id":1.0}', '{"id":-0}',
     '{"id":01}', '{"id":"\\ud83d"}', '{"id":12345678901234567890}', '{"id":1e3}', '{"id": "7" , "note":[ 1.50 ]}',
     '{"id":inf}', "{", '{"id":2,"customer":{"spent":9.0,"l":[-3.00,{"a":0.0}]}}', '{"id":3,"note":9.0}',
     '{"id":4,"total_price":9.0,"tags":"9.0"}', '{"id":5,"tags":[1.10,0.000004],"total_price":0.00004}',
     '{"customer":' + '{"a":' * 240 + "1" + "}" * 240 + "}"]
)  # fmt: skip
LINES = st.lists(OBJECTS.map(lambda value: orjson.dumps(value).decode()) | ODD_LINES, min_size=1, max_size=6)
CELLS = st.text(alphabet=st.sampled_from('a,;"\n\r 1é'), max_size=6)


def rows_of(read, content, stream, engine):
    try:
        return [
            (raw.table.to_pylist(), raw.refused, raw.undeclared, raw.open_end)
            for raw in read(io.BytesIO(content), stream, engine)
        ]
    except FileRefusedError as refusal:
        return refusal.reason, refusal.field, refusal.found


@pytest.fixture(scope="module")
def engine():
    with arrow_engine() as opened:
        yield opened


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES)
def test_plain_json_lines_are_what_each_line_alone_is(engine, lines, monkeypatch):
    content = "\n".join(lines).encode()
    with monkeypatch.context() as patched:
        patched.setattr(jsonl_files, "plain_objects", lambda *_: None)
        by_line = rows_of(read_jsonl, content, ORDERS, engine)
    with monkeypatch.context() as patched:
        patched.setattr(plain_json_lines, "MIN_BYTES", 0)
        assert rows_of(read_jsonl, content, ORDERS, engine) == by_line


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.lists(VALUES, min_size=6, max_size=6), min_size=1, max_size=5),
    odd=st.sampled_from(
        ["", ' ,"x" :0', ',"":0', ',"Id":null', ',"id":1', ',"tags":null', ',"t\\u0061gs":1', ',"x":"]}"', "  \t\r"]
    ),
    at=st.integers(0, 4),
    has_blanks=st.booleans(),
)
def test_lines_of_the_same_members_are_what_each_line_alone_is(engine, values, odd, at, has_blanks, monkeypatch):
    names = ("id", "updated_at", "total_price", "customer", "tags", "note")
    blank = " " if has_blanks else ""
    lines = [
        "{"
        + ",".join(f'"{name}":{blank}{orjson.dumps(value).decode()}' for name, value in zip(names, row, strict=True))
        for row in values
    ]
    lines = [f"{line}{odd if number == at else ''}}}\n" for number, line in enumerate(lines)]
    content = "".join(lines).encode()
    with monkeypatch.context() as patched:
        patched.setattr(jsonl_files, "plain_objects", lambda *_: None)
        by_line = rows_of(read_jsonl, content, ORDERS, engine)
    monkeypatch.setattr(plain_json_lines, "MIN_BYTES", 0)
    assert rows_of(read_jsonl, content, ORDERS, engine) == by_line


@pytest.mark.parametrize(
    "other",
    [
        '{"id":"1","tags":null,"x":0}',
        '{"id":"1","tagz":null}',  # as long as the others
        '{"id":"1","x":"","a":1}',
        '{"id":"1","tags":"a\\u0062","x":0}',
        '{"x":0,"id":"1","tags":1.50}',
    ],
)
def test_a_member_of_one_line_alone_is_found(engine, other, monkeypatch):
    monkeypatch.setattr(plain_json_lines, "MIN_BYTES", 0)
    lines = ['{"id":"1","tags":null}'] * 5000 + [other] + ['{"id":"1","tags":null}'] * 5000
    found = plain_json_lines.plain_objects("\n".join(lines).encode(), ORDERS, engine)
    assert found is not None
    assert found.names == {"id", "tags", *orjson.loads(other)}
    assert orjson.loads(found.columns["_extra"][5000].as_py()).keys() == orjson.loads(other).keys() - {"id", "tags"}


def test_lines_of_the_same_members_are_parsed_once(engine, monkeypatch):
    monkeypatch.setattr(plain_json_lines, "MIN_BYTES", 0)
    monkeypatch.setattr(plain_json_lines, "_columns_of_any", None)
    lines = [b'{"id": "7", "tags": "a\\"b", "customer": {"id": 3}}', b'{"id":8,"customer":null,"tags":"c"}\r']
    found = plain_json_lines.plain_objects(b"\n".join(lines), ORDERS, engine)
    assert found is not None
    assert found.columns["id"].to_pylist() == ["7", "8"]
    assert found.columns["tags"].to_pylist() == ['a"b', "c"]
    assert found.columns["customer"].to_pylist() == ['{"id":3}', None]
    assert found.columns["phone"].to_pylist() == [None, None]


@pytest.mark.parametrize(
    "items",
    [
        '[{"price":"1.00"}]',
        '[{"price":"-1"}]',
        '[{"\\u0070rice":-1}]',
        '[{"price":1},"x"]',
        '["x",{"price":1}]',
        '{"price":1}',
        '"[{\\"price\\":-1}]"',
        '[{"product_id":"5.0"}]',
        "[" * 70 + "]" * 70,
    ],
)
def test_documents_of_lines_land_as_each_of_them_does(engine, items, monkeypatch):
    monkeypatch.setattr(plain_json_lines, "MIN_BYTES", 0)
    line = '{"id":"%s","updated_at":"2026-01-01T00:00:00Z","line_items":%s}\n'
    content = (line % (1, "[]") + line % (2, items) + line % (3, '[{"quantity":2}]')).encode()
    (raw,) = read_jsonl(io.BytesIO(content), ORDERS, engine)
    by_value = check_rows(engine, replace(raw, is_looked_through=False, is_from_json=False), ORDERS, LOADED_AT)
    found = check_rows(engine, raw, ORDERS, LOADED_AT)
    assert (found.good.to_pylist(), found.refused) == (by_value.good.to_pylist(), by_value.refused)


@pytest.mark.parametrize("block_bytes", [1, 5, 12, 1000])
def test_blocks_are_whole_lines_and_together_the_text(block_bytes, monkeypatch):
    monkeypatch.setattr(text_blocks, "PIECE_BYTES", 4)
    text = b"one\n\ntwo and more\nthree\nfour"
    blocks = list(text_blocks.line_blocks(io.BytesIO(text), block_bytes))
    assert b"".join(block.data for block in blocks) == text
    assert all(block.data.endswith(b"\n") for block in blocks[:-1])
    assert [block.is_last for block in blocks] == [False] * (len(blocks) - 1) + [True]
    before = [b"".join(block.data for block in blocks[:number]) for number in range(len(blocks))]
    assert [block.first_line for block in blocks] == [1 + part.count(b"\n") for part in before]


def test_orders_with_members_that_are_not_declared_are_plain(engine, monkeypatch):
    monkeypatch.setattr(plain_json_lines, "MIN_BYTES", 0)
    order = {"id": 7, "updated_at": "2026-01-01T00:00:00Z", "note": {"a": [1.5, None]}, "customer": {"id": 3}}
    found = plain_json_lines.plain_objects(
        b"\n".join(orjson.dumps({**order, "id": number}) for number in range(2000)), ORDERS, engine
    )
    assert found is not None
    assert len(found.columns["id"]) == 2000
    assert found.columns["_extra"][0].as_py() == '{"note":{"a":[1.5,null]}}'
    assert found.columns["customer"][1999].as_py() == '{"id":3}'


def test_whole_numbers_with_a_point_are_plain_but_where_a_field_has_one(engine, monkeypatch):
    monkeypatch.setattr(plain_json_lines, "MIN_BYTES", 0)
    order = {"id": 7, "total_price": "9.0", "customer": {"spent": 9.5}}
    spent, priced = {**order, "customer": {"spent": 9.0}}, {**order, "total_price": 9.0}
    found = plain_json_lines.plain_objects(orjson.dumps(order) + b"\n" + orjson.dumps(spent), ORDERS, engine)
    assert found is None  # the text of the first is that of a number, too
    found = plain_json_lines.plain_objects(orjson.dumps({**spent, "total_price": 9.5}), ORDERS, engine)
    assert found is not None
    assert found.columns["customer"].to_pylist() == ['{"spent":9.0}']
    assert plain_json_lines.plain_objects(orjson.dumps(priced), ORDERS, engine) is None
    escaped = b'{"id":7,"total_price":"9.0","tags":"caf\\u00e9"}'
    assert plain_json_lines.plain_objects(escaped, ORDERS, engine) is not None


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8), tail=CELLS)
def test_quoted_lines_are_what_the_strict_parser_makes_of_them(engine, rows, tail, monkeypatch):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["Id", "SystemModstamp", "FirstName"], *rows])
    content = (text.getvalue() + tail).encode()
    with monkeypatch.context() as patched:
        patched.setattr(csv_files, "plain_lines", lambda *_: None)
        strict = rows_of(read_csv, content, CONTACTS, engine)
    with monkeypatch.context() as patched:
        patched.setattr(csv_files, "PIECE_BYTES", 8)
        assert rows_of(read_csv, content, CONTACTS, engine) == strict


def test_a_value_over_several_lines_sends_few_lines_to_the_strict_parser(engine, monkeypatch):
    rows = [f'"{number}",2026-01-01T00:00:00Z,"Ann"\n' for number in range(5000)]
    rows[4000] = '"x",2026-01-01T00:00:00Z,"Ann\nLee"\n'
    parsed = []
    strict = csv_files._with_quotes
    monkeypatch.setattr(csv_files, "PIECE_BYTES", 16 * 1024)
    monkeypatch.setattr(csv_files, "_with_quotes", lambda piece, *rest: parsed.append(piece) or strict(piece, *rest))
    (raw,) = read_csv(io.BytesIO(("Id,SystemModstamp,FirstName\n" + "".join(rows)).encode()), CONTACTS, engine)
    assert raw.table.num_rows == 5000
    assert raw.table["FirstName"][4000].as_py() == "Ann\nLee"
    assert raw.table["_source_line"][4999].as_py() == 5002
    assert len(parsed) == 1
