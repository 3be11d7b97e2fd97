"""What a snapshot lacks counts as deleted, where the snapshot is whole and has not shrunk beyond belief."""

import re
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cdp_orchestration.dbt.own_models import own_models
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import fetch_stream, inbox_fingerprint, land_stream, source_states, stream_states
from cdp_orchestration.landing.storage.confirmed_snapshots import (
    NothingToConfirmError,
    confirm_snapshot,
    confirmed_snapshots,
    waiting_snapshot,
)
from cdp_orchestration.sources import DeclarationError, Stream, declared_stream, declared_streams
from cdp_orchestration.terminal.cli import app

CLUB = """
source: club
streams:
  members:
    key: [id]
    fields: {{id: identifier}}
    deleted: {{absent_from_snapshot: true}}
    from: {{kind: sqlite, path: {path}, table: members, rows_per_file: 2}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(CLUB.format(path=tmp_path / "club.db"), encoding="utf-8")
    return Settings(home=tmp_path)


@pytest.fixture
def members(home: Settings) -> Stream:
    return declared_stream("club/members", home)


def hold(home: Settings, ids: str) -> None:
    """Let the table of the database hold these ids alone."""
    with sqlite3.connect(home.home / "club.db") as database:
        database.executescript("create table if not exists members (id text); delete from members")
        database.executemany("insert into members values (?)", [(each,) for each in ids])


def sync(home: Settings, members: Stream, ids: str) -> str:
    """Return the ids that staging does not mark as deleted after a fetch of a table."""
    hold(home, ids)
    fetched = fetch_stream(members, home)
    assert fetched
    assert fetched.problem is None
    return staged(home, members)


def staged(home: Settings, members: Stream) -> str:
    land_stream(members, home)
    with open_warehouse(home.warehouse) as connection:
        sql = own_models(members)[members.staging_model]
        landed = sql.split("),\n\ndelivered as")[0].replace(
            "{{ source('landing', 'club_members') }}", "landing.club_members"
        )
        query = f"{landed}) select id from landed group by id having max(_last_seen_in < _newest_snapshot) is not true"
        return "".join(sorted(row[0] for row in connection.execute(query).fetchall()))


def test_a_row_that_the_table_lacks_is_deleted_and_comes_back(home, members):
    assert sync(home, members, "abcde") == "abcde"
    assert sync(home, members, "abce") == "abce"
    assert sync(home, members, "abcde") == "abcde"


def test_a_table_that_has_not_changed_makes_no_file(home, members):
    sync(home, members, "abc")
    fetched = fetch_stream(members, home)

    assert fetched
    assert (fetched.row_count, fetched.file_count) == (0, 0)


def test_a_snapshot_that_lost_most_rows_is_believed_once_another_confirms_it(home, members):
    sync(home, members, "abcdefgh")

    assert sync(home, members, "abc") == "abcdefgh"
    with open_warehouse(home.warehouse) as connection:
        (state,) = source_states(connection, home)
    assert "the newest snapshot has 3 rows, the one before 8" in state.why
    assert sync(home, members, "abd") == "abd"


def test_a_table_that_lost_most_rows_and_stays_so_is_believed_with_the_next_fetch(home, members):
    sync(home, members, "abcdefgh")
    counted = [sync(home, members, "abc") for _ in range(2)]

    assert counted == ["abcdefgh", "abc"]
    assert fetch_stream(members, home).file_count == 0


def test_a_table_that_was_empty_between_two_fetches_is_compared_with_the_one_before(home, members):
    sync(home, members, "abcdefgh")
    sync(home, members, "")

    assert [sync(home, members, "abc") for _ in range(2)] == ["abcdefgh", "abc"]


def test_a_snapshot_that_lost_most_rows_is_believed_once_a_person_confirms_it(home, members, monkeypatch):
    monkeypatch.setenv("CDP_HOME", str(home.home))
    sync(home, members, "abcdefgh")
    sync(home, members, "abc")
    fingerprint = inbox_fingerprint(home, [])
    asked = CliRunner().invoke(app, ["source", "confirm", "club/members"], catch_exceptions=False).output

    assert "5 rows of club/members that are not among its 3 would count as deleted" in " ".join(asked.split())
    assert (staged(home, members), confirmed_snapshots(home)) == ("abcdefgh", [])
    with open_warehouse(home.warehouse) as connection:
        before = stream_states(connection)["club_members"]
    words = ["source", "confirm", "club/members", "--yes", "--why", "a  split", "--by", "ada"]
    CliRunner().invoke(app, words, catch_exceptions=False)
    with open_warehouse(home.warehouse) as connection:
        assert stream_states(connection)["club_members"] != before
        assert source_states(connection, home) == []
    assert inbox_fingerprint(home, []) != fingerprint
    assert staged(home, members) == "abc"
    (decision,) = confirmed_snapshots(home)
    assert (decision.confirmed_by, decision.why) == ("ada", "a split")
    assert (decision.row_count, decision.former_count, decision.deleted_count) == (3, 8, 5)


def test_what_a_person_confirmed_counts_after_later_snapshots_and_no_other_does(home, members):
    sync(home, members, "abcdefgh")
    sync(home, members, "abc")
    _confirm(home, members)

    assert sync(home, members, "abcd") == "abcd"
    assert sync(home, members, "d") == "abcd"
    sync(home, members, "abcd")
    with pytest.raises(NothingToConfirmError, match="counts already"):
        _confirm(home, members)


def test_a_snapshot_of_which_a_part_is_missing_cannot_be_confirmed(home, members):
    sync(home, members, "abcde")
    hold(home, "bcde")
    fetch_stream(members, home)
    sorted((home.inbox / "club" / "members").iterdir())[-1].unlink()
    staged(home, members)

    with pytest.raises(NothingToConfirmError, match="parts of the newest snapshot are missing"):
        _confirm(home, members)


def _confirm(home: Settings, members: Stream) -> None:
    with open_warehouse(home.warehouse) as connection:
        confirm_snapshot(connection, members, waiting_snapshot(connection, members), home, by="ada")


def test_a_snapshot_of_which_a_part_is_missing_deletes_no_one(home, members):
    sync(home, members, "abcde")
    hold(home, "bcde")
    fetch_stream(members, home)
    folder = home.inbox / "club" / "members"
    newest = sorted(folder.iterdir())[-1]
    newest.unlink()

    assert staged(home, members) == "abcde"


def test_a_snapshot_of_which_a_part_is_missing_makes_no_later_loss_believable(home, members):
    sync(home, members, "abcdefgh")
    hold(home, "abcdefg")
    fetch_stream(members, home)
    for part in sorted((home.inbox / "club" / "members").iterdir())[-3:]:
        part.unlink()
    assert staged(home, members) == "abcdefgh"

    assert sync(home, members, "abc") == "abcdefgh"


def test_a_file_that_was_delivered_by_hand_before_is_older_than_each_fetch_whatever_its_name(home, members):
    folder = home.inbox / "club" / "members"
    folder.mkdir(parents=True)
    (folder / "members.csv").write_text("id\na\nb\nz\n", encoding="utf-8")
    land_stream(members, home)

    assert sync(home, members, "abc") == "abc"
    assert sync(home, members, "abd") == "abd"


def test_an_empty_table_deletes_no_one(home, members):
    sync(home, members, "abc")

    assert sync(home, members, "") == "abc"


def test_a_stream_that_is_read_by_a_cursor_has_no_snapshots(home):
    text = CLUB.format(path="club.db").replace("rows_per_file: 2", "cursor: id")
    (home.own_sources / "club.yml").write_text(text, encoding="utf-8")

    with pytest.raises(DeclarationError, match="absent_from_snapshot needs fetches that each bring every row"):
        declared_streams(home)


SALES = """
source: club
streams:
  sales:
    key: [store, no]
    fields: {store: identifier, no: integer, total: amount}
    deleted: {absent_from_snapshot: true}
"""


def test_a_broken_line_of_a_key_of_several_fields_deletes_no_row(home):
    (home.own_sources / "club.yml").write_text(SALES, encoding="utf-8")
    sales = declared_stream("club/sales", home)
    folder = home.inbox / "club" / "sales"
    folder.mkdir(parents=True)
    first = "store,no,total\nS1,1,5\nS1,2,5\nS2,1,5\nS2,2,5\n"
    (folder / "a.csv").write_text(first)
    land_stream(sales, home)
    (folder / "b.csv").write_text(first.replace("S1,2,5\n", "S1,02,5,too,many\n").replace("S2,1,5\n", ""))
    land_stream(sales, home)

    sql = own_models(sales)[sales.staging_model]
    landed = sql.split("),\n\ndelivered as")[0].replace("{{ source('landing', 'club_sales') }}", "landing.club_sales")
    (deleted,) = re.findall(r"coalesce\((.*), false\) as is_deleted", sql.split("renamed as")[1], re.DOTALL)
    deleted = deleted.replace("{{ source('landing', 'club_sales') }}", "landing.club_sales")
    delivered = "select * from landed qualify row_number() over (partition by store, no order by _loaded_at desc) = 1"
    query = f"{landed}), delivered as ({delivered}) select store, no from delivered where {deleted} order by all"
    with open_warehouse(home.warehouse) as connection:
        assert connection.execute(query).fetchall() == [("S2", 1)]
