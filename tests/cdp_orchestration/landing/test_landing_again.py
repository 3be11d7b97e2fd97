"""Landing is repeatable: landed files stay, new ones are added, an interrupted run is repeated."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import (
    BatchLostError,
    create_landing_views,
    inbox_fingerprint,
    land_stream,
    stream_states,
)
from cdp_orchestration.landing.storage.views import DeliveredKeys


def batches(feed):
    return sorted(feed.settings.landing.rglob("*.parquet"))


def fingerprint(feed):
    with open_warehouse(feed.settings.warehouse) as connection:
        return stream_states(connection)[feed.stream.table]


def as_if_later(path):
    """Give the file a later time, as a new upload does."""
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1_000_000_000))


def test_a_stream_without_files_is_an_empty_typed_view(every_feed):
    landed = every_feed.land()
    assert (landed.files_seen, landed.rows_landed) == (0, 0)
    assert every_feed.landed() == []
    columns = every_feed.query(f"describe landing.{every_feed.stream.table}")
    types = {column[0]: column[1] for column in columns}
    assert types[every_feed.stream.key[0]] == "VARCHAR"
    assert (types["_loaded_at"], types["_source_line"]) == ("TIMESTAMP", "BIGINT")


def test_every_stream_lands_in_every_format(every_feed):
    for name in ("a.csv", "b.jsonl", "c.parquet"):
        every_feed.deliver(name, every_feed.rows(3))
    landed = every_feed.land()
    assert (landed.files_landed, landed.rows_landed, landed.rows_refused) == (3, 9, 0)
    assert landed.undeclared_columns == ()
    as_csv, as_json, as_parquet = (
        every_feed.query(
            f"select _row_hash from landing.{every_feed.stream.table} where _source_file = '{name}' order by 1"
        )
        for name in ("a.csv", "b.jsonl", "c.parquet")
    )
    assert as_csv == as_json == as_parquet


def test_an_unchanged_inbox_lands_nothing_again(feed):
    feed.deliver("a.csv", feed.rows(3))
    feed.land()
    before, rows = batches(feed), feed.landed()
    again = feed.land()
    assert (again.files_seen, again.files_landed, again.rows_landed) == (1, 0, 0)
    assert (batches(feed), feed.landed()) == (before, rows)


def test_a_file_uploaded_again_with_the_same_content_is_no_new_batch(feed):
    path = feed.deliver("a.csv", feed.rows(3))
    feed.land()
    rows = feed.landed()
    as_if_later(path)
    assert feed.land().files_landed == 0
    assert feed.landed() == rows


def test_changed_content_under_the_same_name_lands_as_another_batch(feed):
    path = feed.deliver("a.csv", feed.rows(2))
    feed.land()
    before = fingerprint(feed)
    feed.deliver("a.csv", feed.rows(3))
    as_if_later(path)
    landed = feed.land()
    assert (landed.files_landed, landed.rows_landed, landed.duplicate_key_rows) == (1, 3, 2)
    assert len(feed.landed()) == 5
    assert fingerprint(feed) != before


def test_a_landing_says_which_keys_are_new_changed_and_the_same(feed):
    first, second, third = feed.rows(3)
    name = next(name for name, value in first.items() if name not in feed.stream.required and isinstance(value, str))
    feed.deliver("a.jsonl", [first, second])
    assert feed.land().keys == DeliveredKeys(new=2)
    feed.deliver("b.jsonl", [first, second | {name: "other"}, third, third])

    assert feed.land().keys == DeliveredKeys(new=1, changed=1, unchanged=1)
    assert feed.land().keys == DeliveredKeys()


def test_content_that_is_delivered_again_later_is_the_newest_version_again(feed):
    fingerprints = set()
    for rows in (feed.rows(1), feed.rows(2), feed.rows(1)):
        as_if_later(feed.deliver("a.jsonl", rows))
        feed.land()
        fingerprints.add(fingerprint(feed))
    assert len(fingerprints) == 3
    table = f"landing.{feed.stream.table}"
    assert feed.query(f"select count(*) from {table}") == [(3,)]
    newest = f"select count(*) from {table} where _loaded_at = (select max(_loaded_at) from {table})"
    assert feed.query(newest) == [(1,)]


def test_a_file_deleted_from_the_inbox_stays_landed(feed):
    path = feed.deliver("a.csv", feed.rows(2))
    feed.land()
    path.unlink()
    feed.land()
    assert len(feed.landed()) == 2


def test_a_crash_between_batch_and_ledger_leads_to_the_same_batch(feed):
    feed.deliver("a.csv", [*feed.rows(2), feed.row(3, **{feed.stream.key[0]: None})])
    feed.land()
    before, rows, print_before = batches(feed), feed.lines(), fingerprint(feed)
    feed.query("delete from operations.landing_batches")
    (batches(feed)[0].parent / "half.parquet.tmp").write_bytes(b"half")
    assert feed.land().files_landed == 1
    assert (batches(feed), feed.lines(), fingerprint(feed)) == (before, rows, print_before)
    assert len(feed.refusals()) == 1
    assert not list(feed.settings.home.rglob("*.tmp"))


def test_a_batch_without_a_ledger_row_is_not_read(feed):
    feed.deliver("a.csv", feed.rows(2))
    feed.land()
    shutil.copy(batches(feed)[0], batches(feed)[0].with_name("stray.parquet"))
    feed.land()
    assert len(feed.landed()) == 2


def test_a_batch_missing_on_disk_is_landed_again_from_the_inbox(feed):
    path = feed.deliver("a.csv", feed.rows(2))
    feed.land()
    batches(feed)[0].unlink()
    feed.land()
    assert len(feed.landed()) == 2
    path.unlink()
    batches(feed)[0].unlink()
    with pytest.raises(BatchLostError, match="Restore them"):
        feed.land()


def test_a_refused_file_is_refused_once_and_tried_again_when_replaced(feed):
    path = feed.deliver("a.parquet", b"no parquet")
    assert feed.land().files_refused == 1
    again = feed.land()
    assert (again.files_refused, again.files_still_refused, again.refused_files) == (
        0,
        1,
        (("a.parquet", "not_parquet"),),
    )
    assert len(feed.refusals()) == 1
    feed.deliver("a.parquet", feed.rows(2))
    as_if_later(path)
    landed = feed.land()
    assert (landed.files_landed, landed.files_still_refused, landed.refused_files) == (1, 0, ())
    assert len(feed.landed()) == 2


def test_a_dangling_link_is_refused_once_and_lands_when_its_file_exists_again(feed):
    feed.folder.mkdir(parents=True)
    (feed.folder / "a.csv").symlink_to(feed.settings.inbox / "exports.csv")
    feed.land()
    assert (feed.land().files_refused, len(feed.refusals())) == (0, 1)
    feed.deliver("../../exports.csv", feed.rows(2))
    assert feed.land().rows_landed == 2


def test_the_inbox_fingerprint_follows_deliveries_and_nothing_else(feed):
    empty = inbox_fingerprint(feed.settings)
    path = feed.deliver("a.csv", feed.rows(1))
    delivered = inbox_fingerprint(feed.settings)
    feed.deliver("b.csv.part", b"half")
    feed.deliver(".hidden.csv", b"")
    feed.land()
    assert empty != delivered == inbox_fingerprint(feed.settings)
    as_if_later(path)
    assert inbox_fingerprint(feed.settings) != delivered


def test_the_state_of_a_stream_does_not_depend_on_when_or_in_how_many_runs(feed, tmp_path):
    prints = set()
    for home, in_one_run in (("one", True), ("two", False)):
        settings = Settings(home=tmp_path / home)
        other = type(feed)(feed.stream, settings)
        other.deliver("a.csv", other.rows(2))
        if not in_one_run:
            other.land()
        other.deliver("b.csv", other.rows(2))
        other.land()
        prints.add(fingerprint(other))
    assert len(prints) == 1


def test_views_can_be_created_before_anything_has_landed(settings):
    with open_warehouse(settings.warehouse) as connection:
        create_landing_views(connection, settings)
        assert connection.execute("select count(*) from landing.crm_contacts").fetchall() == [(0,)]
        assert connection.execute("select count(*) from operations.quarantined").fetchall() == [(0,)]


@pytest.mark.slow
def test_the_next_run_completes_a_killed_run(contacts, tmp_path):
    contacts = type(contacts)(contacts.stream, Settings(home=tmp_path / "not_open_here"))
    contacts.deliver("a.csv", contacts.rows(60_000))
    contacts.deliver("b.jsonl", contacts.rows(60_000))
    code = (
        "import sys; from pathlib import Path; from cdp_orchestration.landing import land_stream; "
        "from cdp_orchestration.home.settings import Settings; from cdp_orchestration.sources import shipped_streams; "
        "print('ready', flush=True); land_stream(shipped_streams()[0], Settings(home=Path(sys.argv[1])))"
    )
    for delay in (0.2, 0.6, 1.2, 2.0):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(contacts.settings.home)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay)
            process.kill()
    land_stream(contacts.stream, contacts.settings)
    counts = contacts.query(
        "select _source_file, count(*), count(distinct _source_line) from landing.crm_contacts group by 1"
    )
    assert sorted(counts) == [("a.csv", 60_000, 60_000), ("b.jsonl", 60_000, 60_000)]
    assert not list(contacts.settings.home.rglob("*.tmp"))
