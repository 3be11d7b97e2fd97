"""Whatever a field is delivered with, its row lands or is refused by line; what lands is what the field can hold."""

import io
from datetime import datetime
from typing import Any

import duckdb
import orjson
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from nasty_deliveries import ordinary_row

from cdp_orchestration.landing.contract.checked_rows import check_rows
from cdp_orchestration.landing.contract.written_values import NO_DATES, NO_NUMBER_WORDS, NULL_WORDS
from cdp_orchestration.landing.files.jsonl_files import read_jsonl
from cdp_orchestration.landing.raw_rows import arrow_engine
from cdp_orchestration.sources import Field, Stream, shipped_streams
from cdp_orchestration.sources.limits import MAX_NESTING

LOADED_AT = datetime(2026, 9, 1)  # noqa: DTZ001

# Whatever orjson writes: it refuses lone surrogates and integers beyond 64 bits.
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_numbers = st.one_of(st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False), st.booleans())
_written_numbers = st.one_of(_numbers.map(str), st.decimals(allow_nan=True).map(str), st.floats().map(str))
_leaves = st.one_of(st.none(), _texts, _numbers, _written_numbers, st.sampled_from(["x" * 1_001, "x" * 100_001]))
_names = st.sampled_from(["price", "quantity", "calendar", "amount"])
_documents = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(_texts, _names), inner, max_size=4),
        st.fixed_dictionaries({"transactions": st.lists(st.fixed_dictionaries({"amount": inner}), max_size=2)}),
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def engine():
    with arrow_engine() as connection:
        yield connection


@pytest.mark.parametrize("stream", shipped_streams(), ids=lambda stream: stream.table)
@settings(max_examples=examples(4), deadline=None)
@given(data=st.data())
def test_every_value_lands_within_its_limits_or_is_refused_by_line(
    engine: duckdb.DuckDBPyConnection, stream: Stream, data: st.DataObject
) -> None:
    values = [data.draw(_documents) for _ in stream.fields]
    rows = [
        {**ordinary_row(stream, number), field.name: value}
        for number, (field, value) in enumerate(zip(stream.fields, values, strict=True))
    ]
    content = b"\n".join(orjson.dumps(row) for row in rows)
    (raw,) = read_jsonl(io.BytesIO(content), stream, engine)
    checked = check_rows(engine, raw, stream, LOADED_AT)

    landed = {row["_source_line"]: row for row in checked.good.to_pylist()}
    refused = {row.source_line for row in checked.refused if not row.is_row_landed}
    lost = {(row.source_line, (row.field or "").partition("[")[0].partition(".")[0]) for row in checked.refused}
    assert set(landed) | refused == set(range(1, len(rows) + 1))
    assert set(landed) & refused == set()
    for line, row in landed.items():
        delivered = stream.fields[line - 1]
        assert all(_is_held(field, row[field.name]) for field in stream.fields)
        if row[delivered.name] is None and not _is_nothing(values[line - 1], delivered):
            assert (line, delivered.name) in lost


def _is_nothing(value: Any, field: Field) -> bool:
    # a list of nothing is written as one of the words for nothing
    empty = value in ({}, []) if field.type == "json" else value == [None]
    words = ("", "na", *NULL_WORDS, *NO_NUMBER_WORDS, *(NO_DATES if field.type in ("date", "timestamp") else ()))
    return value is None or empty or (isinstance(value, str) and value.strip(" \t").lower() in words)


def _is_held(field: Field, value: Any) -> bool:
    if value is None:
        return True
    if field.range:
        return field.range.minimum <= value <= field.range.maximum
    if field.scale:
        return 0 <= value <= max(highest for _, highest in [*field.scale.ranges.values(), field.scale.other])
    if field.type == "text":
        return len(value) <= field.max_characters
    return field.type != "json" or _is_held_document(field, orjson.loads(value))


def _is_held_document(field: Field, document: Any) -> bool:
    kind = dict if field.form == "object" else list
    return isinstance(document, kind) and _depth(document) <= MAX_NESTING and _longest(document) <= field.max_characters


def _depth(value: Any) -> int:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if items is None else 1 + max(map(_depth, items), default=0)


def _longest(value: Any) -> int:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return len(value) if isinstance(value, str) else max(map(_longest, items), default=0)
