"""A stream that is fetched from an API: the position is kept, and a failure is said and repeated."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
from api_server import Answered, Api, Asked

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.landing import delivery_notices, fetch_stream, inbox_fingerprint, land_stream
from cdp_orchestration.landing.fetching import NotFetchedError, fetch_again, position_path
from cdp_orchestration.landing.storage.withdrawn_deliveries import withdraw_delivery
from cdp_orchestration.sources import DeclarationError, Stream, declared_stream, declared_streams

MEMBERS = """
source: club
streams:
  members:
    key: [id]
    cursor: changed
    fields: {{id: identifier, email: text, changed: timestamp}}
    from:
      kind: rest
      base_url: {url}
      path: /members
      params: {{changed_since: "{{since}}"}}
      rows: members
      auth: {{kind: bearer, token: "env:CLUB_TOKEN"}}
      cursor: {{field: changed, form: timestamp, overlap: 0}}
"""
ADA = {"id": "1", "email": "ada@example.org", "changed": "2026-01-01T10:00:00Z"}
BEN = {"id": "2", "email": "ben@example.org", "changed": "2026-01-02T10:00:00Z"}


class Club:
    """A server with members; it gives those that have changed since a time, or an error."""

    def __init__(self) -> None:
        self.members, self.is_down, self.asked = [ADA], False, list[str | None]()

    def answer(self, asked: Asked) -> Answered:
        self.asked.append(asked.params.get("changed_since"))
        if self.is_down:
            return Answered({"message": "no"}, status=403)
        return Answered({"members": self.members})


@pytest.fixture
def club() -> Iterator[tuple[Club, Api]]:
    members = Club()
    with Api(members.answer) as api:
        yield members, api


@pytest.fixture
def home(tmp_path: Path, club: tuple[Club, Api], monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CLUB_TOKEN", "shh-12345")
    declare(tmp_path, club[1].url)
    return Settings(home=tmp_path)


def declare(home: Path, url: str) -> None:
    (home / "sources").mkdir(exist_ok=True)
    (home / "sources" / "club.yml").write_text(MEMBERS.format(url=url), encoding="utf-8")


def members_of(home: Settings) -> Stream:
    return declared_streams(home)[-1]


def test_what_an_api_gives_lands_and_the_position_is_kept(home, club):
    stream = members_of(home)

    first = fetch_stream(stream, home)
    landed = land_stream(stream, home)
    club[0].members = [BEN]
    second = fetch_stream(stream, home)

    assert (first.row_count, landed.rows_landed, second.row_count) == (1, 1, 1)
    assert land_stream(stream, home).rows_landed == 1
    assert club[0].asked[0] is None
    assert "2026-01-01" in str(club[0].asked[1])


def test_a_failed_fetch_is_said_and_leaves_the_position(home, club):
    stream = members_of(home)
    fetch_stream(stream, home)
    before = json.loads(position_path(stream, home).read_text())
    club[0].is_down = True

    outcome = fetch_stream(stream, home)

    assert outcome.problem
    assert json.loads(position_path(stream, home).read_text())["position"] == before["position"]
    assert [notice.split(":")[0] for notice in delivery_notices(home)] == ["Not fetched"]
    club[0].is_down = False
    fetch_stream(stream, home)
    assert delivery_notices(home) == []


def test_a_missing_secret_is_said_by_its_place(home, monkeypatch):
    monkeypatch.delenv("CLUB_TOKEN")

    assert "env:CLUB_TOKEN" in fetch_stream(members_of(home), home).problem


def test_another_address_is_read_from_the_beginning(home, club):
    fetch_stream(members_of(home), home)
    declare(home.home, club[1].url + "/v2")
    fetch_stream(members_of(home), home)

    assert club[0].asked == [None, None]


def test_no_file_of_the_home_holds_the_secret(home, club):
    stream = members_of(home)
    fetch_stream(stream, home)
    club[0].is_down = True
    fetch_stream(stream, home)
    land_stream(stream, home)

    files = [path for path in home.home.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path for path in files if b"shh-12345" in path.read_bytes()] == []


def test_a_secret_in_a_declaration_is_refused_and_not_shown(home):
    place = home.own_sources / "club.yml"
    place.write_text(place.read_text().replace("env:CLUB_TOKEN", "shh-12345"), encoding="utf-8")

    with pytest.raises(DeclarationError) as refused:
        declared_streams(home)

    assert f"{place} line" in str(refused.value)
    assert "shh-12345" not in str(refused.value)


def test_a_home_that_fetches_is_synced_every_hour(home, tmp_path):
    shipped = Settings(home=tmp_path / "other")

    assert inbox_fingerprint(shipped) == inbox_fingerprint(shipped)
    assert inbox_fingerprint(home) != inbox_fingerprint(shipped)


def test_a_stream_of_files_is_not_fetched(home):
    assert fetch_stream(declared_streams(home)[0], home) is None


@pytest.mark.parametrize(("since", "asked"), [("2025-12-24", "2025-12-24T00:00:00Z"), (None, None)])
def test_a_stream_is_fetched_again_from_a_date_or_from_its_beginning(home, club, since, asked):
    stream = members_of(home)
    fetch_stream(stream, home)

    fetch_again(stream, home, since)
    fetched = fetch_stream(stream, home)

    assert (club[0].asked[-1], fetched.row_count) == (asked, 1)
    land_stream(stream, home)
    with read_warehouse(home.warehouse) as connection:
        assert connection.execute("select count(distinct id) from landing.club_members").fetchall() == [(1,)]


def test_a_date_that_is_none_is_refused_before_anything_is_forgotten(home):
    stream = members_of(home)
    fetch_stream(stream, home)
    before = position_path(stream, home).read_text()

    with pytest.raises(NotFetchedError, match="yesterday is no timestamp"):
        fetch_again(stream, home, "yesterday")
    assert position_path(stream, home).read_text() == before


def test_a_date_that_has_not_been_reached_yet_passes_over_nothing(home, club):
    stream = members_of(home)
    fetch_stream(stream, home)

    fetch_again(stream, home, "2026-06-01")
    fetch_stream(stream, home)

    assert "2026-01-01" in str(club[0].asked[-1])


def test_a_backfill_waits_for_the_fetch_that_is_under_way_and_is_not_forgotten_by_it(home, club):
    stream, asked, may_answer = members_of(home), Event(), Event()
    fetch_stream(stream, home)
    answer = club[0].answer

    def slowly(request: Asked) -> Answered:
        asked.set()
        may_answer.wait(10)
        return answer(request)

    club[1].answer = slowly
    fetching = Thread(target=fetch_stream, args=[stream, home])
    fetching.start()
    asked.wait(10)
    fetch_again(stream, home, None, on_wait=lambda _: may_answer.set())
    fetching.join()
    fetch_stream(stream, home)

    assert club[0].asked[-1] is None


TABLE = """
source: club
streams:
  members:
    key: [id]
    fields: {{id: identifier, changed: text}}
    from: {origin}
"""


def members_from(tmp_path: Path, origin: str, *rows: str) -> tuple[Stream, Settings]:
    """A home with members of a table of SQLite, or of a folder beside it, and these rows."""
    with sqlite3.connect(tmp_path / "club.db") as table:
        table.execute("create table members (id, changed)")
        table.executemany("insert into members values (?, ?)", enumerate(rows))
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "members.csv").write_text("id,changed\n1,x\n", encoding="utf-8")
    home = Settings(home=tmp_path / "home")
    home.own_sources.mkdir(parents=True)
    (home.own_sources / "club.yml").write_text(TABLE.format(origin=origin.format(tmp_path)), encoding="utf-8")
    return declared_stream("club/members", home), home


@pytest.mark.parametrize(
    "origin",
    [
        "{{kind: sqlite, path: {0}/club.db, table: members}}",
        "{{kind: sqlite, path: {0}/club.db, table: members, cursor: changed}}",
        "{{kind: files, path: {0}/place, quiet_seconds: 0}}",
    ],
)
def test_what_was_taken_back_is_fetched_again_though_it_has_not_changed(tmp_path, origin):
    stream, home = members_from(tmp_path, origin, "2026-01-01")
    fetch_stream(stream, home)
    land_stream(stream, home)
    (delivered,) = (home.inbox / "club" / "members").iterdir()
    withdraw_delivery(stream, delivered.name, home, by="kim")
    delivered.unlink()
    assert fetch_stream(stream, home).file_count == 0

    fetch_again(stream, home, None)

    assert fetch_stream(stream, home).file_count == 1


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "01.02.2026", "7", "NaN"])
def test_what_is_no_value_of_a_tables_cursor_is_refused_before_anything_is_forgotten(tmp_path, since):
    origin = "{{kind: sqlite, path: {0}/club.db, table: members, cursor: changed}}"
    stream, home = members_from(tmp_path, origin, "2026-01-02")
    fetch_stream(stream, home)
    before = position_path(stream, home).read_text()

    with pytest.raises(
        NotFetchedError, match=f"{since} is no value of its cursor changed; expected one such as 2026-01"
    ):
        fetch_again(stream, home, since)
    assert position_path(stream, home).read_text() == before


@pytest.mark.parametrize(
    ("rows", "since", "expected"),
    [
        (("2026-01-02", "2026-02-02", "2026-03-02"), "2026-02-01", 2),
        (("2026-01-02", "2026-02-02", "2026-03-02"), "2026-02-04T03:00:00+02:00", 1),
        (("2026-01-02", "2026-02-02", "2026-03-02"), "2027-01-01", 1),
        ((1000, 2000, 3000), "2400", 2),
        ((1000, 2000, 3000), "2700", 1),
        ((1000, 2000, 3000), "9000", 1),
    ],
)
def test_a_table_is_fetched_again_from_a_value_of_its_cursor(tmp_path, rows, since, expected):
    origin = "{{kind: sqlite, path: {0}/club.db, table: members, cursor: changed, overlap: 600}}"
    stream, home = members_from(tmp_path, origin, *rows)
    fetch_stream(stream, home)

    fetch_again(stream, home, since)

    assert fetch_stream(stream, home).row_count == expected


def test_a_stream_of_files_cannot_be_fetched_again(home):
    with pytest.raises(NotFetchedError, match="crm/contacts has no connector"):
        fetch_again(declared_stream("crm/contacts", home), home, None)


def test_what_a_sync_has_just_fetched_its_run_does_not_fetch_again(home, club):
    stream, began_at = members_of(home), datetime.now(UTC)
    first = fetch_stream(stream, home)

    assert fetch_stream(stream, home, since=began_at) == first
    assert len(club[0].asked) == 1
    fetch_stream(stream, home, since=datetime.now(UTC))
    assert len(club[0].asked) == 2


def test_a_fetch_that_failed_is_no_problem_once_others_deliver_the_files(home, club):
    club[0].is_down = True
    fetch_stream(members_of(home), home)
    assert any("Not fetched" in notice for notice in delivery_notices(home))
    path = home.own_sources / "club.yml"
    path.write_text(path.read_text(encoding="utf-8").partition("    from:")[0], encoding="utf-8")
    assert not any("Not fetched" in notice for notice in delivery_notices(home))
