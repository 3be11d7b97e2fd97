"""A file that cannot be read is recorded in the quarantine, and stops neither other files nor the next delivery."""

import gzip
import os
from datetime import datetime

import pytest

from cdp_orchestration.landing.batches import land_file
from cdp_orchestration.landing.inbox import find_deliveries

NEIGHBOUR = "neighbour.jsonl"


@pytest.fixture(autouse=True)
def neighbour(request):
    """Deliver another file of the same stream, whose two rows must always load."""
    names = {"feed", "every_feed", "contacts"} & set(request.fixturenames)
    feed = request.getfixturevalue(names.pop())
    feed.deliver(NEIGHBOUR, feed.rows(2))
    return feed


def assert_refused(feed, name, reason, field=None):
    landed = feed.land()
    assert feed.refusals() == [(name, None, field, reason)]
    assert landed.refused_files == ((name, reason),)
    assert (landed.files_seen, landed.files_landed, landed.files_refused) == (2, 1, 1)
    assert (landed.rows_landed, landed.rows_refused) == (2, 0)
    assert landed.refused_by_reason == {reason: 1}
    assert feed.lines() == [(NEIGHBOUR, 1), (NEIGHBOUR, 2)]


def test_an_empty_file_is_refused(feed):
    feed.deliver("a" + feed.ending, b"")
    assert_refused(feed, "a" + feed.ending, "empty_file")


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz", "a.parquet.gz"])
def test_a_gzip_of_nothing_is_refused(contacts, name):
    contacts.deliver(name, gzip.compress(b""))
    assert_refused(contacts, name, "not_parquet" if "parquet" in name else "empty_file")


def test_a_truncated_parquet_file_is_refused(feed):
    whole = feed.deliver("a.parquet", feed.rows(50)).read_bytes()
    feed.deliver("a.parquet", whole[: len(whole) // 2])
    assert_refused(feed, "a.parquet", "not_parquet")


def test_a_parquet_file_with_damaged_pages_is_refused(feed):
    whole = bytearray(feed.deliver("a.parquet", feed.rows(50)).read_bytes())
    whole[4:400] = b"\xff" * 396
    feed.deliver("a.parquet", bytes(whole))
    assert_refused(feed, "a.parquet", "not_parquet")


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_latin_1_text_is_refused(feed, name):
    path = feed.deliver(name, [feed.row(number, **{feed.stream.fields[-1].name: "Zürich"}) for number in (3, 4)])
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    assert_refused(feed, name, "not_utf8")
    assert "Latin-1" in feed.query("select message from operations.quarantined")[0][0]


def test_a_file_without_its_key_column_is_refused(every_feed):
    feed, key, name = every_feed, every_feed.stream.key[0], "a" + every_feed.ending
    feed.deliver(name, [{field: row[field] for field in row if field != key} for row in feed.rows(3, first=3)])
    assert_refused(feed, name, "missing_required_column", field=key)


def test_content_that_is_not_gzip_is_refused(feed):
    name = f"a{feed.ending}.gz"
    feed.deliver(name, b"no gzip at all")
    assert_refused(feed, name, "not_gzip")


def test_a_truncated_gzip_is_refused(feed):
    name = f"a{feed.ending}.gz"
    whole = feed.deliver(name, feed.rows(50, first=3)).read_bytes()
    feed.deliver(name, whole[:-20])
    assert_refused(feed, name, "truncated_gzip")


def test_a_link_to_a_missing_file_is_refused(feed):
    (feed.folder / "a.csv").symlink_to(feed.folder / "missing.csv")
    assert_refused(feed, "a.csv", "disappeared")


def test_a_file_deleted_between_listing_and_reading_is_refused(feed, engine):
    path = feed.deliver("a.csv", feed.rows(3, first=3))
    listed = next(delivery for delivery in find_deliveries(feed.stream, feed.settings) if delivery.path == path)
    path.unlink()
    entry = land_file(
        listed,
        None,
        datetime(2026, 1, 1),  # noqa: DTZ001
        stream=feed.stream,
        settings=feed.settings,
        engine=engine,
    )
    assert (entry.status, entry.reason, entry.source_file) == ("refused", "disappeared", "a.csv")


def test_a_link_out_of_the_inbox_is_refused(feed, tmp_path):
    outside = tmp_path / "secret.csv"
    outside.write_bytes(b"Id\n1\n")
    (feed.folder / "a.csv").symlink_to(outside)
    assert_refused(feed, "a.csv", "outside_inbox")


def test_a_linked_folder_is_refused_and_not_entered(feed):
    (feed.folder / "again").symlink_to(feed.folder)
    assert_refused(feed, "again", "linked_folder")


def test_a_named_pipe_is_refused_and_not_waited_for(feed):
    os.mkfifo(feed.folder / "a.csv")
    assert_refused(feed, "a.csv", "not_a_regular_file")


def test_an_unknown_ending_is_refused(feed):
    feed.deliver("notes.docx", b"text")
    assert_refused(feed, "notes.docx", "unknown_format")


def test_two_columns_of_the_same_name_are_refused(feed):
    feed.deliver("a.csv", b",".join([*(name.encode() for name in feed.stream.required), b"x", b"x"]) + b"\n")
    assert_refused(feed, "a.csv", "duplicate_column")
