"""The demo's files meet the contract of every stream."""

import gzip
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from demo_streams import DEMO_STREAMS

from cdp_orchestration.demo import DROP_COUNT
from cdp_orchestration.sources import DUCKDB_TYPES, Stream

SCALARS = {name: kind for name, kind in DUCKDB_TYPES.items() if name != "json"}
streams = pytest.mark.parametrize("stream", DEMO_STREAMS, ids=lambda stream: stream.table)


def columns_of(path: Path) -> set[str]:
    if path.suffix == ".parquet":
        return set(pq.read_schema(path).names)
    if path.suffix == ".csv":
        return set(path.read_text(encoding="utf-8").partition("\n")[0].split(","))
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return set.intersection(*(set(json.loads(line)) for line in text.splitlines()))


@streams
def test_every_file_has_exactly_the_declared_fields(demo, stream: Stream):
    folder, _ = demo
    files = sorted((folder / "inbox" / stream.source / stream.name).iterdir())
    assert files
    for path in files:
        assert columns_of(path) == {field.name for field in stream.fields}, path.name


@streams
def test_required_fields_are_filled_and_values_have_their_types(query, stream: Stream):
    for name in stream.required:
        assert query(f"select count(*) from {stream.table} where coalesce(\"{name}\"::varchar, '') = ''") == [(0,)]
    for field in stream.fields:
        if field.type in SCALARS:
            text = f"nullif(\"{field.name}\"::varchar, '')"
            wrong = f"{text} is not null and try_cast({text} as {SCALARS[field.type]}) is null"
            assert query(f"select count(*) from {stream.table} where {wrong}") == [(0,)], field.name


@streams
def test_versions_of_one_row_differ_in_their_cursor_or_not_at_all(query, stream: Stream):
    key = ", ".join(f'"{name}"' for name in (*stream.key, *((stream.cursor,) if stream.cursor else ())))
    if stream.table == "in_store_stores":
        return  # without a cursor the later export counts
    rows = f"(select distinct * exclude (filename) from {stream.table})"
    assert query(f"select {key}, count(*) from {rows} group by all having count(*) > 1") == []


def test_a_drop_is_one_file_per_stream_and_names_sort_by_drop(demo):
    folder, summary = demo
    contacts = sorted(path.name for path in (folder / "inbox" / "crm" / "contacts").iterdir())
    assert len(contacts) == DROP_COUNT
    assert contacts[0] == "2026-06-01_contacts.csv"
    assert summary.files == sum(path.is_file() for path in (folder / "inbox").rglob("*"))


def test_only_the_inbox_and_the_truth_are_written(demo):
    folder, _ = demo
    assert sorted(path.name for path in folder.iterdir()) == ["inbox", "truth.csv"]


def test_the_summary_counts_the_rows_of_the_files(demo, query):
    _, summary = demo
    assert summary.rows == {
        f"{stream.source}/{stream.name}": query(f"select count(*) from {stream.table}")[0][0] for stream in DEMO_STREAMS
    }
    assert summary.person_records == query("select count(*) from truth")[0][0]
