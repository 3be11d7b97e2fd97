"""The cheap tests spare most rows the careful ones; no row has another result for it."""

from datetime import datetime
from unittest import mock

import pyarrow as pa
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp_orchestration.landing.contract import checked_rows, clocks, written_values
from cdp_orchestration.landing.contract.checked_rows import check_rows
from cdp_orchestration.landing.raw_rows import RawRows, arrow_engine, raw_table
from cdp_orchestration.sources import shipped_streams

STREAMS = [
    stream for stream in shipped_streams() if stream.name in ("orders", "events", "survey_responses", "contacts")
]
LOADED_AT = datetime(2026, 6, 1, 12)  # noqa: DTZ001
NUMBERS = [
    "0",
    "7",
    "-1",
    "007",
    "12.50",
    " 12",
    "12 ",
    "1\t",
    "1e5",
    "1.0",
    "5.67E+12",
    "99999999999999999999",
    ".5",
    "-",
    "1,5",
]
TIMES = [
    "2026-01-02T03:04:05Z", "2026-06-01T12:04:00Z", "2026-06-01T12:06:00Z", "2026-06-02", "2027-01-01T00:00:00+02:00",
    "1989-12-31T23:00:00Z", "1970-01-01", "0000-00-00", "9999-12-31", "2026-02-30", "2026-01-02 03:04:05 UTC",
    "2100-01-01 ",
]  # fmt: skip
TEXTS = [
    "", " ", "null", "N/A", "nan", "=\"5\"", "'0049", "+44 20", "gid://shopify/Order/1", "####", "3901.0", "1,234,567",
    "0018d00000AbCdE", "EUR", "eur", "x" * 1001, "true", "FALSE", "wahr", "1", "csat", "nps",
]  # fmt: skip
DOCUMENTS = [
    "{}", "[]", '{"id": 3901.0}', '{"id": "5.67E+12"}', '{"a": NaN}', "[1]", "{", "NaN",
    '[{"price": "-1", "quantity": 1}]',
    '[{"price": "1e30"}]', '[{"price": null, "quantity": "x"}]', '{"id": 5e12}', '{"a": "\\ud83d"}',
    "[" * 70 + "]" * 70,
    '[{"transactions": [{"amount": "-4"}]}]', '"text"', "nan", "null", "inf", "7", ' {"id": 1}', " ", "n/a", '[{}, 1]',
]  # fmt: skip
PLAIN_DOCUMENTS = ["{}", '{"id": 1, "name": "Ada"}', '{"a": {"b": 1}, "c": "d"}']
PLAIN_TEXTS = ["12", "12345", "0018d00000AbCdEFGH", "+4420"]
PLAIN = {
    "json": PLAIN_DOCUMENTS,
    "timestamp": ["2026-01-02T03:04:05Z", "2026-05-02T03:04:05Z", "2026-06-01T11:59:59Z"],
    "date": ["2026-01-02", "1950-12-31"],
    "integer": ["0", "7", "10"],
    "decimal": ["0", "12.50", "7"],
    "boolean": ["true", "false", "1"],
}
VALUES = st.one_of(st.none(), st.sampled_from([*NUMBERS, *TIMES, *TEXTS, *DOCUMENTS]), st.text(max_size=4))
OF_TYPE = {"json": DOCUMENTS, "timestamp": TIMES, "date": TIMES, "integer": NUMBERS, "decimal": NUMBERS}


@pytest.fixture(scope="module")
def engine():
    with arrow_engine() as opened:
        yield opened


def checked(engine, raw, stream):
    found = check_rows(engine, raw, stream, LOADED_AT)
    return found.good.to_pylist(), found.refused, found.corrected


@pytest.mark.slow
@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.table)
@settings(max_examples=examples(2), deadline=None)
@given(data=st.data(), has_decimal_comma=st.booleans())
def test_each_row_has_the_result_that_the_careful_tests_alone_give(engine, stream, data, has_decimal_comma):
    likely = {field.name: st.sampled_from(OF_TYPE.get(field.type, TEXTS)) for field in stream.fields}
    count = data.draw(st.integers(1, 12))
    # Of a column that is plain as a whole no value is looked at by itself.
    plain = {field.name: st.sampled_from(PLAIN.get(field.type, PLAIN_TEXTS)) for field in stream.fields}
    columns = {
        name: pa.array(data.draw(st.lists(of_column, min_size=count, max_size=count)), pa.string())
        for name, values in likely.items()
        for of_column in [data.draw(st.sampled_from([values | VALUES, plain[name]]))]
    }
    table = raw_table(stream, columns, range(1, count + 1), None)
    raw = RawRows(table, [], frozenset(), has_decimal_comma=has_decimal_comma)
    cheap = checked(engine, raw, stream)
    with (
        mock.patch.object(checked_rows, "may_be_refused", return_value="true"),
        mock.patch.object(written_values, "_is_plain", return_value="false"),
        mock.patch.object(written_values, "ODD_DOCUMENT", ""),
        mock.patch.object(checked_rows, "plain_columns", return_value={}),
        mock.patch.object(clocks, "is_plainly_possible", return_value="false"),
    ):
        assert checked(engine, raw, stream) == cheap
