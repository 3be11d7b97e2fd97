"""Many small files share a Parquet file and are joined further; each stays a batch of its own."""

import pytest

from cdp_orchestration.landing import compaction, small_files


def batch_files(feed):
    return sorted(feed.settings.landing.rglob("*.parquet"))


def quarantine_files(feed):
    return sorted(feed.settings.quarantine.rglob("*.parquet"))


def batch_rows(feed):
    return feed.query(
        "select _source_file, _batch_id, _loaded_at, _source_line, _row_hash "
        f"from landing.{feed.stream.table} order by all"
    )


def deliver_apart(feed, count, first=1):
    for number in range(first, first + count):
        feed.deliver(
            f"{number:03}.csv", [feed.row(10 * number), feed.row(10 * number + 1, **{feed.stream.key[0]: None})]
        )
        feed.land()


def test_small_files_that_come_together_share_one_file_and_stay_batches_of_their_own(contacts):
    for number in range(1, 6):
        contacts.deliver(f"{number}.csv", contacts.rows(2, first=10 * number))
    contacts.deliver("6.csv", b"no header that has a key\n1\n")
    landed = contacts.land()
    assert (landed.files_landed, landed.files_refused, landed.rows_landed) == (5, 1, 10)
    assert len(batch_files(contacts)) == 1
    assert contacts.query("select count(*), count(distinct batch_id) from operations.landing_batches") == [(6, 6)]
    assert contacts.lines() == [(f"{number}.csv", line) for number in range(1, 6) for line in (2, 3)]
    assert [refusal[0] for refusal in contacts.refusals()] == ["6.csv"]


def test_each_of_many_small_files_has_the_rows_and_refusals_that_it_has_alone(contacts, tmp_path, monkeypatch):
    alone = type(contacts)(contacts.stream, type(contacts.settings)(home=tmp_path / "alone"))
    contents = {
        "a.csv": [contacts.row(1), contacts.row(2, **{contacts.stream.key[0]: None})],
        "b.jsonl": [contacts.row(3), contacts.row(4, SystemModstamp="never")],
        "c.jsonl": b'{"Id": "5", "SystemModstamp": "2027-01-01T00:00:00Z"}\nno json\n',
        "d.csv": b"Id;SystemModstamp\n0038d00000AbCdE;2026-01-02T03:04:05Z\n",
        "e.csv": b"Id,SystemModstamp\n0038d00000AbCdF,2026-01-02T03:04:05Z\n0038d00000AbCdG,2026-01-0",
        "f.jsonl": [contacts.row(number, SystemModstamp="yesterday") for number in (7, 8, 9)],
    }
    for name, content in contents.items():
        contacts.deliver(name, content)
        alone.deliver(name, content)
    contacts.land()
    monkeypatch.setattr("cdp_orchestration.landing.land.is_small", lambda delivery: False)
    alone.land()
    columns = "_source_file, _source_line, _batch_id, _corrected_times, _row_hash"
    corrected = "where _corrected_times is null"
    assert [row[:3] for row in contacts.landed(columns)] == [row[:3] for row in alone.landed(columns)]
    rows = f"select {columns} from landing.crm_contacts {corrected} order by all"
    assert contacts.query(rows) == alone.query(rows)
    assert contacts.refusals() == alone.refusals()
    counts = (
        "select source_file, status, reason, row_count, refused_row_count, refused_value_count, refused_by_reason, "
        "corrected_times from operations.landing_batches order by all"
    )
    assert contacts.query(counts) == alone.query(counts)


def test_a_batch_that_lands_again_takes_the_place_of_its_rows_in_the_shared_file(contacts):
    for name in ("a.csv", "b.csv"):
        contacts.deliver(name, contacts.rows(1, first=ord(name[0])))
    contacts.land()
    before = contacts.lines()
    contacts.deliver("a.csv", contacts.rows(2, first=500))
    contacts.land()
    contacts.deliver("a.csv", contacts.rows(1, first=ord("a")))
    contacts.land()
    assert contacts.query("select count(*) from landing.crm_contacts where _source_file = 'b.csv'") == [(1,)]
    assert contacts.query("select count(*) from landing.crm_contacts where _source_file = 'a.csv'") == [(3,)]
    assert before == [("a.csv", 2), ("b.csv", 2)]


def test_files_that_came_one_by_one_are_joined_and_nothing_else_changes(contacts, monkeypatch):
    monkeypatch.setattr(compaction, "MIN_FILES", 1000)
    deliver_apart(contacts, 4)
    rows, refusals = batch_rows(contacts), contacts.refusals()
    monkeypatch.setattr(compaction, "MIN_FILES", 5)
    assert (len(batch_files(contacts)), len(quarantine_files(contacts))) == (4, 4)
    deliver_apart(contacts, 1, first=5)
    assert (len(batch_files(contacts)), len(quarantine_files(contacts))) == (1, 1)
    assert [row for row in batch_rows(contacts) if row[0] < "005"] == rows
    assert contacts.refusals()[: len(refusals)] == refusals
    assert (contacts.land().files_landed, len(batch_rows(contacts))) == (0, 5)


@pytest.mark.parametrize("place", ["_copy", "record_entries", "remove_former_files"])
def test_a_kill_while_files_are_joined_loses_and_doubles_nothing(contacts, monkeypatch, place):
    monkeypatch.setattr(compaction, "MIN_FILES", 4)
    deliver_apart(contacts, 3)
    before = batch_rows(contacts)

    def killed(*_):
        raise KeyboardInterrupt

    contacts.deliver("004.csv", contacts.rows(1, first=400))
    with monkeypatch.context() as patched:
        patched.setattr(compaction, place, killed)
        with pytest.raises(KeyboardInterrupt):
            contacts.land()
    assert [row for row in batch_rows(contacts) if row[0] != "004.csv"] == before
    assert len(batch_rows(contacts)) == 4
    contacts.deliver("005.csv", contacts.rows(1, first=500))
    contacts.land()
    assert len(batch_rows(contacts)) == 5
    assert len(batch_files(contacts)) == (2 if place == "remove_former_files" else 1)


def test_a_shared_file_that_is_lost_lands_again_from_the_inbox(contacts):
    for name in ("a.csv", "b.csv"):
        contacts.deliver(name, contacts.rows(1, first=ord(name[0])))
    contacts.land()
    batch_files(contacts)[0].unlink()
    assert contacts.land().files_landed == 2
    assert len(contacts.lines()) == 2


def test_files_that_wait_together_are_bounded(contacts, monkeypatch):
    monkeypatch.setattr(small_files, "MAX_WAITING_FILES", 2)
    for number in range(5):
        contacts.deliver(f"{number}.csv", contacts.rows(1, first=number + 1))
    assert contacts.land().rows_landed == 5
    assert len(batch_files(contacts)) == 3
