"""A lost warehouse gets its ledger again from the copy beside what has landed."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.storage.ledger import LedgerEntry, batch_path, create_ledger, read_ledger, record_entries
from cdp_orchestration.landing.storage.ledger_copy import append_entries, copy_path, restore_ledger

LANDED = LedgerEntry(
    batch_id="a",
    source="crm",
    stream="contacts",
    source_file="Zürich\u2028.csv",
    size_bytes=3,
    modified_ns=7,
    sha256="f" * 64,
    status="landed",
    loaded_at=datetime(2026, 1, 1, 12, 0, 0, 5, tzinfo=UTC).replace(tzinfo=None),
    row_count=2,
    refused_by_reason={"not_a_date": 1},
    corrected_times=[{"field": "at", "rule": "received", "row_count": 1}],
)
REFUSED = replace(LANDED, batch_id="b", source_file="other.csv", status="refused", reason="not_csv", row_count=0)


def _warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_ledger(connection)
    return connection


def _land(settings: Settings, entry: LedgerEntry) -> None:
    path = batch_path(settings, entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def _restored(settings: Settings) -> list[LedgerEntry]:
    connection = _warehouse()
    count = restore_ledger(connection, settings)
    entries = read_ledger(connection)
    assert count == len(entries)
    return entries


def test_each_entry_comes_back_as_it_was(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    _land(settings, LANDED)
    append_entries(_warehouse(), settings, [LANDED])
    append_entries(_warehouse(), settings, [REFUSED])
    assert _restored(settings) == [LANDED, REFUSED]
    assert _restored(settings) == [LANDED, REFUSED]


def test_of_a_batch_the_newest_entry_counts_whose_file_is_there(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    joined = replace(LANDED, stored_in="joined")
    append_entries(_warehouse(), settings, [LANDED])
    append_entries(_warehouse(), settings, [joined])
    _land(settings, LANDED)
    assert _restored(settings) == [LANDED]
    append_entries(_warehouse(), settings, [joined])
    _land(settings, joined)
    assert _restored(settings) == [joined]


def test_a_batch_without_its_file_is_still_named(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    append_entries(_warehouse(), settings, [LANDED, REFUSED])
    assert _restored(settings) == [LANDED, REFUSED]


def test_a_home_of_an_earlier_version_gets_a_copy_of_all_that_it_knows(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    connection = _warehouse()
    record_entries(connection, [LANDED])
    _land(settings, LANDED)
    append_entries(connection, settings, [REFUSED])
    assert _restored(settings) == [LANDED, REFUSED]


def test_a_line_that_was_cut_by_a_crash_is_left_out_and_the_next_one_is_read(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    _land(settings, LANDED)
    append_entries(_warehouse(), settings, [REFUSED, LANDED])
    copy = copy_path(settings)
    copy.write_bytes(copy.read_bytes()[:-20])
    assert _restored(settings) == [REFUSED]
    copy.write_bytes(copy.read_bytes() + b'{"batch_id": "\xff cut')
    append_entries(_warehouse(), settings, [LANDED])
    assert _restored(settings) == [LANDED, REFUSED]


def test_a_home_where_nothing_landed_restores_nothing(tmp_path: Path) -> None:
    assert _restored(Settings(tmp_path)) == []
