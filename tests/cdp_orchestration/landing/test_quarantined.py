"""The quarantine can be read, and what is in it lands again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.landing.quarantined import NothingToRetryError, refusal_counts, refusals, retry_refused
from cdp_orchestration.landing.storage.ledger import read_ledger
from cdp_orchestration.landing.storage.old_refusals import remove_old_refusals
from cdp_orchestration.landing.storage.withdrawn_deliveries import withdraw_delivery
from cdp_orchestration.repair.landed_batches import repair_batches
from cdp_orchestration.sources import Stream, declared_stream

CLUB = "source: club\nstreams: {members: {key: [id], fields: {id: identifier, points: integer, born: date_of_birth}}}\n"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(CLUB, encoding="utf-8")
    return Settings(home=tmp_path)


@pytest.fixture
def members(home: Settings) -> Stream:
    return declared_stream("club/members", home)


def deliver(home: Settings, name: str, text: str) -> Path:
    path = home.inbox / "club" / "members" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_refusals_are_counted_by_file_and_reason(home, members):
    deliver(home, "1.csv", "id,points,born\n1,1,\n2,2,\n,3,\n4,4,of old\n")
    deliver(home, "2.csv", "number,points\n1,1\n")
    land_stream(members, home)

    found = {(each.source_file, each.reason): each for each in refusal_counts(home)}

    assert found["2.csv", "missing_required_column"].is_file
    assert found["1.csv", "missing_required_value"].refusal_count == 1
    assert [
        each.is_row_landed
        for key, each in found.items()
        if key[1] not in ("missing_required_value", "missing_required_column")
    ] == [True]


def test_a_file_that_was_corrected_is_refused_no_more(home, members):
    deliver(home, "1.csv", "id,points\n,1\n2,2\n3,3\n")
    land_stream(members, home)
    deliver(home, "1.csv", "id,points\n1,1\n2,2\n3,3\n")
    land_stream(members, home)

    assert refusal_counts(home) == []


def test_a_refusal_has_line_field_and_the_row(home, members):
    deliver(home, "1.csv", "id,points\n1,1\n2,two\n3,3\n")
    land_stream(members, home)

    (found,) = refusals(home, members, "1.csv", limit=5)

    assert (found["source_line"], found["field"], found["reason"]) == (3, "points", "not_an_integer")
    assert '"two"' in found["raw_row"]
    assert refusals(home, members, "other.csv", limit=5) == []


def test_what_was_refused_lands_again_without_doubling_what_had_landed(home, members):
    deliver(home, "1.csv", "id,points\n1,1\n2,two\n3,3\n")
    land_stream(members, home)

    again = retry_refused(members, home)

    assert (again.files_landed, again.rows_landed, again.rows_refused, again.duplicate_key_rows) == (1, 2, 1, 0)


def test_a_refused_file_that_is_gone_is_to_be_delivered_again(home, members):
    path = deliver(home, "1.csv", "id,points\n1,1\n2,two\n3,3\n")
    land_stream(members, home)
    path.unlink()

    with pytest.raises(NothingToRetryError, match="1 refused files, none of which lies in the inbox"):
        retry_refused(members, home)


def test_refusals_of_a_delivery_that_was_taken_back_are_gone(home, members):
    deliver(home, "1.csv", "id,points\n1,1\n2,two\n3,3\n")
    land_stream(members, home)
    withdraw_delivery(members, "1.csv", home, by="kim")

    assert refusal_counts(home) == []


def test_a_home_without_deliveries_has_no_refusals(home, members):
    assert refusal_counts(home, members) == []


def test_old_refusals_go_and_their_counts_and_all_else_stay(home, members):
    deliver(home, "1.csv", "id,points\n1,1\n2,two\n3,3\n")
    land_stream(members, home)
    (file,) = home.quarantine.rglob("*.parquet")
    content = file.read_bytes()
    now = datetime.now(UTC).replace(tzinfo=None)

    assert remove_old_refusals(home, now - timedelta(days=1)) == 0
    assert remove_old_refusals(home, now + timedelta(days=1), is_trial=True) == 1
    assert file.read_bytes() == content
    assert remove_old_refusals(home, now + timedelta(days=1)) == 1
    assert b"two" not in file.read_bytes()
    assert refusals(home, members, "1.csv", limit=5) == []
    with open_warehouse(home.warehouse) as connection:
        (entry,) = read_ledger(connection)
        assert entry.refused_by_reason == {"not_an_integer": 1}
        assert list(repair_batches(connection, home)) == []
    assert land_stream(members, home).rows_landed == 0
    assert remove_old_refusals(home, now + timedelta(days=1)) == 0
