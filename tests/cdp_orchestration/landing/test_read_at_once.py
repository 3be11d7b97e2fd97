"""What is read all lines at a time is what is read line by line."""

import csv
import io

import orjson
import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp_orchestration.landing.files import csv_files, jsonl_files, plain_json_lines
from cdp_orchestration.landing.files.csv_files import read_csv
from cdp_orchestration.landing.files.jsonl_files import read_jsonl
from cdp_orchestration.landing.raw_rows import arrow_engine
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources import shipped_streams

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
