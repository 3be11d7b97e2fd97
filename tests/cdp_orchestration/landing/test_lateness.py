"""Whether a stream has delivered in time: what counts is when rows arrived that had not arrived before."""

import dataclasses
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import delivery_notices, land_stream
from cdp_orchestration.landing.states.lateness import in_words, last_deliveries, lateness, lateness_by_table
from cdp_orchestration.landing.storage.ledger import LedgerEntry, create_ledger, record_entries
from cdp_orchestration.sources import Stream, declared_stream
from cdp_orchestration.sources.timeliness import Freshness

NOW = datetime(2026, 3, 10, 12)  # noqa: DTZ001 - the warehouse's times are UTC without a zone
WARN, FAIL = timedelta(hours=26), timedelta(days=3)
SCANS = Stream("parcels", "scans", "row", ("id",), None, (), freshness=Freshness(warn=WARN, fail=FAIL))


@pytest.fixture
def ledger(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(tmp_path / "warehouse.duckdb"))
    create_ledger(connection)
    return connection


def _batch(batch_id: str, file: str, sha256: str, hours_ago: int, row_count: int = 5) -> LedgerEntry:
    loaded_at = NOW - timedelta(hours=hours_ago)
    return LedgerEntry(batch_id, "parcels", "scans", file, 1, 1, sha256, "landed", loaded_at, row_count=row_count)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), "in time"),
        (WARN - timedelta(seconds=1), "in time"),
        (WARN, "late"),
        (FAIL - timedelta(seconds=1), "late"),
        (FAIL, "overdue"),
        (timedelta(days=900), "overdue"),
    ],
)
def test_a_stream_is_late_from_the_first_age_on_and_overdue_from_the_second(age: timedelta, expected: str) -> None:
    assert lateness(SCANS, NOW - age, NOW).punctuality == expected


def test_the_sentence_names_the_age_the_expectation_and_the_remedy() -> None:
    sentence = lateness(SCANS, NOW - timedelta(days=2), NOW).sentence
    assert sentence.startswith("New rows last arrived at 2026-03-08 12:00 UTC, 2 days ago; expected within 26 hours.")
    assert "cdp source pause" in sentence


def test_a_stream_that_has_never_delivered_and_a_paused_one_are_not_late() -> None:
    assert lateness(SCANS, None, NOW).punctuality == "in time"
    paused = lateness(SCANS, NOW - timedelta(days=30), NOW, "2026-02-12T00:00:00+00:00")
    assert paused.punctuality == "in time"
    assert "paused since 2026-02-12" in paused.sentence


def test_a_stream_without_a_declared_freshness_is_not_watched() -> None:
    unwatched = dataclasses.replace(SCANS, name="depots", freshness=None)
    assert set(lateness_by_table([SCANS, unwatched], {}, {}, NOW)) == {"parcels_scans"}


def test_a_warehouse_without_a_ledger_has_no_deliveries() -> None:
    with duckdb.connect(":memory:") as connection:
        assert last_deliveries(connection) == {}


def test_files_that_land_again_or_hold_no_rows_are_no_delivery(ledger: duckdb.DuckDBPyConnection) -> None:
    first = _batch("a", "1.csv", "x", 90)
    again = _batch("b", "1.csv", "x", 2)  # by another declaration: the same content, another batch
    record_entries(ledger, [first, again, _batch("c", "2.csv", "y", 1, row_count=0)])
    assert last_deliveries(ledger) == {"parcels_scans": NOW - timedelta(hours=90)}


def test_a_growing_file_is_a_delivery(ledger: duckdb.DuckDBPyConnection) -> None:
    record_entries(ledger, [_batch("a", "1.csv", "x", 90), _batch("b", "1.csv", "xx", 3)])
    assert last_deliveries(ledger) == {"parcels_scans": NOW - timedelta(hours=3)}


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=26), "26 hours"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=7), "7 days"),
    ],
)
def test_a_length_of_time_is_said_as_people_say_it(age: timedelta, words: str) -> None:
    assert in_words(age) == words


def test_a_late_stream_is_among_the_notices_with_what_to_do(tmp_path):
    home = Settings(home=tmp_path)
    folder = home.inbox / "crm" / "contacts"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("Id,SystemModstamp\n1,2026-01-01T00:00:00Z\n")
    land_stream(declared_stream("crm/contacts", home), home)
    assert delivery_notices(home) == []
    with open_warehouse(home.warehouse) as connection:
        connection.execute("update operations.landing_batches set loaded_at = loaded_at - interval '3 days'")

    (late,) = delivery_notices(home)

    assert late.startswith("Late: crm/contacts: New rows last arrived at")
    assert "Ask whoever sends it" in late


def test_a_file_that_is_tried_again_is_no_delivery(ledger: duckdb.DuckDBPyConnection) -> None:
    record_entries(ledger, [_batch("a", "1.csv", "x", 48)])
    record_entries(ledger, [_batch("a", "1.csv", "x", 1)])
    record_entries(ledger, [_batch("a", "1.csv", "x", 0)])
    assert last_deliveries(ledger) == {"parcels_scans": NOW - timedelta(hours=48)}


def test_the_ledger_of_an_earlier_version_has_its_deliveries(ledger: duckdb.DuckDBPyConnection) -> None:
    record_entries(ledger, [_batch("a", "1.csv", "x", 48)])
    ledger.execute("alter table operations.landing_batches drop column arrived_at")
    assert last_deliveries(ledger) == {"parcels_scans": NOW - timedelta(hours=48)}
