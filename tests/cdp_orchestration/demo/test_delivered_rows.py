"""A delivered file as rows of a database or an API: each value as the vendor wrote it."""

import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_orchestration.demo import write_demo
from cdp_orchestration.demo.delivered_rows import IS_JSON, json_rows_of, tables_of
from cdp_orchestration.demo.inbox import demo_streams


def _rows(path: Path) -> list[dict]:
    return [row for table in tables_of(path) for row in table.to_pylist()]


def test_text_stays_text_and_an_empty_field_is_null(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text('Id,Phone,Note\n007,,"two\nlines, ""quoted"""\n', encoding="utf-8")
    assert _rows(path) == [{"Id": "007", "Phone": None, "Note": 'two\nlines, "quoted"'}]
    assert [json.loads(row) for row in json_rows_of(path)] == _rows(path)


def test_members_of_json_are_text_and_nested_ones_are_json_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl.gz"
    lines = ['{"id":5400000000001,"total":"12.50","test":false,"customer":{"id":1}}', '{"id":2,"customer":null}']
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    (table,) = tables_of(path)
    assert table.to_pylist() == [
        {"id": "5400000000001", "total": "12.50", "test": "false", "customer": '{"id":1}'},
        {"id": "2", "total": None, "test": None, "customer": None},
    ]
    assert [field.name for field in table.schema if field.metadata == IS_JSON] == ["customer"]
    assert [row.decode() for row in json_rows_of(path)] == lines


def test_types_of_parquet_are_kept_in_tables_and_as_json_has_them(tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    at = datetime(2026, 6, 1, 10, 30, 0, 250_000, tzinfo=UTC)
    row = {"amount": Decimal("12.50"), "sold_at": at, "day": date(2026, 6, 1), "is_return": False, "line_no": 3}
    kinds = [pa.decimal128(12, 2), pa.timestamp("ms", tz="UTC"), pa.date32(), pa.bool_(), pa.int32()]
    schema = pa.schema(list(zip(row, kinds, strict=True)))
    pq.write_table(pa.Table.from_pylist([row], schema), path)
    assert _rows(path) == [row]
    assert [each.decode() for each in json_rows_of(path)] == [
        '{"amount":12.50,"sold_at":"2026-06-01T10:30:00.250000Z","day":"2026-06-01","is_return":false,"line_no":3}'
    ]


@pytest.mark.parametrize("stream", demo_streams())
def test_no_row_of_any_stream_is_lost_on_the_way(stream: str, demo) -> None:
    folder, _ = demo
    for path in (folder / "inbox" / stream).iterdir():
        assert sum(table.num_rows for table in tables_of(path)) == len(list(json_rows_of(path)))


def test_the_streams_are_those_that_the_generator_delivers(tmp_path: Path) -> None:
    written = write_demo(tmp_path / "inbox", tmp_path / "truth.csv", customers=200)
    assert tuple(written.rows) == demo_streams()
