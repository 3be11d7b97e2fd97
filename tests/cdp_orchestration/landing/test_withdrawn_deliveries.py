"""A delivery that is taken back counts no more; another content of the file lands, and taking it up brings it back."""

from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse, read_warehouse
from cdp_orchestration.landing import inbox_fingerprint, land_stream, stream_states
from cdp_orchestration.landing.storage.withdrawn_deliveries import (
    NoSuchDeliveryError,
    take_up_delivery,
    withdraw_delivery,
    withdrawn_deliveries,
)
from cdp_orchestration.sources import Stream, declared_stream

CLUB = "source: club\nstreams: {members: {key: [id], fields: {id: identifier, points: integer}}}\n"


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


def landed(home: Settings) -> list[tuple[object, ...]]:
    with read_warehouse(home.warehouse) as connection:
        query = "select id, points from landing.club_members order by all"
        return connection.execute(query).fetchall()


def state(home: Settings, members: Stream) -> str:
    with open_warehouse(home.warehouse) as connection:
        return stream_states(connection)[members.table]


def test_the_rows_of_a_file_that_was_taken_back_are_gone_and_the_version_before_counts(home, members):
    deliver(home, "1.csv", "id,points\n1,10\n")
    land_stream(members, home)
    before = state(home, members)
    deliver(home, "2.csv", "id,points\n1,99\n2,99\n")
    land_stream(members, home)

    rows = withdraw_delivery(members, "2.csv", home, by="kim", why="a test export")

    assert rows == 2
    assert landed(home) == [("1", 10)]
    assert state(home, members) == before
    assert [(each.withdrawn_by, each.why) for each in withdrawn_deliveries(home)] == [("kim", "a test export")]


@pytest.mark.parametrize("change", ["nothing", "touched", "gone"])
def test_a_file_that_was_taken_back_stays_so_whatever_becomes_of_it_in_the_inbox(home, members, change):
    path = deliver(home, "1.csv", "id,points\n1,10\n")
    land_stream(members, home)
    withdraw_delivery(members, "1.csv", home, by="kim")
    if change == "touched":
        path.touch()
    elif change == "gone":
        path.unlink()

    again = land_stream(members, home)

    assert landed(home) == []
    assert (again.files_refused, again.files_still_refused) == (0, 0)


def test_another_content_of_the_file_lands(home, members):
    deliver(home, "1.csv", "id,points\n1,10\n")
    land_stream(members, home)
    withdraw_delivery(members, "1.csv", home, by="kim")
    deliver(home, "1.csv", "id,points\n1,11\n")
    land_stream(members, home)

    assert landed(home) == [("1", 11)]


def test_a_delivery_that_is_taken_up_again_counts_again(home, members):
    deliver(home, "1.csv", "id,points\n1,10\nx2,x\n")
    land_stream(members, home)
    before = state(home, members)
    withdraw_delivery(members, "1.csv", home, by="kim")

    assert take_up_delivery(members, "1.csv", home)
    assert landed(home) == [("1", 10)]
    assert state(home, members) == before
    assert not take_up_delivery(members, "1.csv", home)


def test_taking_back_twice_keeps_one_decision(home, members):
    deliver(home, "1.csv", "id,points\n1,10\n")
    land_stream(members, home)

    counts = [withdraw_delivery(members, "1.csv", home, by="kim") for _ in range(2)]

    assert counts == [1, 0]
    assert len(withdrawn_deliveries(home)) == 1


def test_a_mapping_that_changes_brings_no_withdrawn_rows_back(home, members):
    deliver(home, "1.csv", "id,points\n1,10\n")
    land_stream(members, home)
    withdraw_delivery(members, "1.csv", home, by="kim")
    (home.own_sources / "club.yml").write_text(CLUB.replace("integer", "text"), encoding="utf-8")
    land_stream(declared_stream("club/members", home), home)

    assert landed(home) == []


def test_taking_back_is_news_for_the_schedule(home, members):
    deliver(home, "1.csv", "id,points\n1,10\n")
    land_stream(members, home)
    before = inbox_fingerprint(home)
    withdraw_delivery(members, "1.csv", home, by="kim")

    assert inbox_fingerprint(home) != before


def test_a_file_that_never_landed_is_named_with_one_that_did(home, members):
    deliver(home, "2026-01.csv", "id,points\n1,10\n")
    land_stream(members, home)

    with pytest.raises(NoSuchDeliveryError, match=r"no landed file 2026-1\.csv; .* such as 2026-01\.csv"):
        withdraw_delivery(members, "2026-1.csv", home, by="kim")
