"""Old rows lose what people wrote and what is private besides; newer ones, and what happened, stay."""

import gzip
import io
import zipfile
from datetime import datetime

import pytest

from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import stream_states
from cdp_orchestration.landing.erasure.coarsened_rows import coarsen_stream, count_old, private_fields
from cdp_orchestration.sources import declared_streams
from tests.cdp_orchestration.landing.conftest import Feed, encode

CUTOFF = datetime(2026, 1, 1)  # noqa: DTZ001 - in UTC, as batches have it
OLD, NEW = "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"
FIELDS = "subject, description, tags, satisfaction_rating"
SAID = f"{FIELDS}, _extra"


@pytest.fixture
def tickets(feeds: dict[str, Feed]) -> Feed:
    return feeds["support_tickets"]


def ticket(feed: Feed, number: int, at: str) -> dict[str, object]:
    return feed.row(number, updated_at=at, description=f"My name is Zoe {number}", mood="furious")


def coarsen(feed: Feed, *, is_inbox_rewritten: bool = True) -> int:
    with open_warehouse(feed.settings.warehouse) as connection:
        return coarsen_stream(connection, feed.stream, feed.settings, CUTOFF, is_inbox_rewritten=is_inbox_rewritten)


def test_old_rows_lose_texts_and_newer_ones_do_not(tickets: Feed) -> None:
    tickets.deliver("a.jsonl", [ticket(tickets, 1, OLD), ticket(tickets, 2, NEW)])
    tickets.land()
    kept = tickets.landed("id, requester_id, via, status, created_at, updated_at")
    new = tickets.landed(SAID)[1]
    assert coarsen(tickets) == 1
    assert tickets.landed(SAID) == [(None,) * 5, new]
    assert tickets.landed("id, requester_id, via, status, created_at, updated_at") == kept
    assert coarsen(tickets) == 0


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.jsonl.gz", "a.csv.gz"])
def test_the_delivered_file_loses_them_too_in_its_own_form(tickets: Feed, name: str) -> None:
    path = tickets.deliver(name, [ticket(tickets, 1, OLD), ticket(tickets, 2, NEW)])
    tickets.land()
    coarsen(tickets)
    content = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    assert (b"Zoe 1" in content, b"Zoe 2" in content) == (False, True)
    assert tickets.land().files_landed == 0
    # It can be read as before: landed anew, the rows are those that are there
    before = tickets.landed(f"id, {FIELDS}")
    path.rename(path.with_name(f"again-{name}"))
    assert tickets.land().rows_landed == 2
    assert {str(row) for row in tickets.landed(f"id, {FIELDS}")} == {str(row) for row in before}


def test_a_file_is_left_where_the_inbox_is_only_listed(tickets: Feed) -> None:
    path = tickets.deliver("a.jsonl", [ticket(tickets, 1, OLD)])
    tickets.land()
    assert coarsen(tickets, is_inbox_rewritten=False) == 1
    assert b"Zoe 1" in path.read_bytes()


def test_an_archive_that_has_landed_leaves_the_inbox(tickets: Feed) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.jsonl", encode("a.jsonl", [ticket(tickets, 1, OLD)]))
    path = tickets.deliver("a.zip", packed.getvalue())
    tickets.land()
    assert coarsen(tickets) == 1
    assert not path.exists()
    assert tickets.landed("id, description") == [("id 1", None)]


def test_what_is_built_from_the_stream_is_built_again(tickets: Feed) -> None:
    tickets.deliver("a.jsonl", [ticket(tickets, 1, OLD)])
    tickets.land()
    with open_warehouse(tickets.settings.warehouse) as connection:
        before = stream_states(connection)["support_tickets"]
        assert count_old(connection, tickets.stream, CUTOFF) == 1
    coarsen(tickets)
    with open_warehouse(tickets.settings.warehouse) as connection:
        assert stream_states(connection)["support_tickets"] != before
        assert count_old(connection, tickets.stream, CUTOFF) == 0


def test_only_facts_have_private_fields_and_none_of_them_names_anyone(feeds: dict[str, Feed]) -> None:
    settings = feeds["support_tickets"].settings
    found = {stream.table: private_fields(stream) for stream in declared_streams(settings) if private_fields(stream)}
    assert found == {
        "support_tickets": ("subject", "description", "tags", "satisfaction_rating", "_extra"),
        "support_survey_responses": ("comment", "_extra"),
    }
