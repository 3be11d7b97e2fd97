"""Rows of a SQLite file come into the inbox, whatever type its values have."""

import sqlite3

import pytest
from fetched_tables import rows_of

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.databases.declaration import Database
from cdp_orchestration.connectors.fetching import FetchError


def test_sqlite_is_read_by_cursor_whatever_form_its_times_have(tmp_path):
    path = tmp_path / "club.db"
    with sqlite3.connect(path) as club:
        club.execute("create table members (id integer, changed text, photo blob)")
        club.execute(
            "insert into members values (1, '2026-01-01T10:00:00', x'00ff'), (2, '2026-02-01 10:00:00.5', null)"
        )
        club.commit()
        connector = connector_of(Database(kind="sqlite", path=str(path), table="members", cursor="changed", overlap=0))
        first = connector.fetch(None, tmp_path / "inbox")
        club.execute("insert into members values (3, '2026-02-01T10:00:02Z', null)")
        club.commit()
        second = connector.fetch(first.position, tmp_path / "inbox")

    assert (first.row_count, first.position["cursor"]) == (2, "2026-02-01 10:00:00.500")
    assert [row[0] for row in rows_of(second.files, "id")] == ["2", "3"]
    assert connector.sample(1)[0]["id"] == "1"


@pytest.mark.parametrize(("overlap", "expected"), [({}, ["2", "3"]), ({"overlap": 60}, [])])
def test_the_hour_that_comes_twice_when_summer_time_ends_is_read_twice_unless_declared(tmp_path, overlap, expected):
    path = tmp_path / "club.db"
    with sqlite3.connect(path) as club:
        club.execute("create table members (id integer, changed text)")
        club.execute("insert into members values (1, '2026-10-25 00:30:00'), (2, '2026-10-25 02:50:00')")
        club.commit()
        declared = Database(kind="sqlite", path=str(path), table="members", cursor="changed", **overlap)
        first = connector_of(declared).fetch(None, tmp_path / "inbox")
        club.execute("insert into members values (3, '2026-10-25 02:05:00')")  # the hour came again
        club.commit()
        second = connector_of(declared).fetch(first.position, tmp_path / "inbox")

    assert [row[0] for row in sorted(rows_of(second.files, "id"))] == expected


def test_what_a_killed_fetch_has_left_goes_with_the_next_one(tmp_path):
    with sqlite3.connect(tmp_path / "club.db") as club:
        club.executescript("create table members (id integer); insert into members values (1)")
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name in ("fetched-00001.parquet.tmp", "fetched-00007.parquet.tmp", "members.csv.tmp"):
        (folder / name).write_bytes(b"rows")

    fetched = connector_of(Database(kind="sqlite", path=str(tmp_path / "club.db"), table="members")).fetch(None, folder)

    assert {path.name for path in folder.iterdir()} == {fetched.files[0].name, "members.csv.tmp"}


def test_a_column_that_is_called_otherwise_comes_though_no_value_has_changed(tmp_path):
    path = tmp_path / "club.db"
    with sqlite3.connect(path) as club:
        club.executescript("create table members (id integer, mial text); insert into members values (1, 'x')")
        connector = connector_of(Database(kind="sqlite", path=str(path), table="members"))
        first = connector.fetch(None, tmp_path / "inbox")
        club.execute("alter table members rename mial to mail")
        club.commit()

    assert rows_of(connector.fetch(first.position, tmp_path / "inbox").files, "mail") == [("x",)]


@pytest.mark.parametrize("declared", ["", "numeric", "text", "datetime"])
def test_numbers_of_sqlite_are_a_cursor_whatever_the_column_declares(tmp_path, declared):
    path = tmp_path / "club.db"
    with sqlite3.connect(path) as club:
        club.execute(f"create table members (id integer, version {declared})")
        club.execute("create view seen as select id, version + 0 as version from members")
        club.execute("insert into members values (1, 900), (2, 200), (3, 1100)")
        club.commit()
        connector = connector_of(Database(kind="sqlite", path=str(path), table="seen", cursor="version", overlap=300))
        first = connector.fetch(None, tmp_path / "inbox")
        club.execute("insert into members values (4, 850), (5, 700)")
        club.commit()
        second = connector.fetch(first.position, tmp_path / "inbox")

    assert first.position["cursor"] == "1100"
    assert sorted(row[0] for row in rows_of(second.files, "id")) == ["1", "3", "4"]


@pytest.mark.parametrize("position", ["2026-13-45", "yesterday", "7", "", "Infinity"])
def test_a_position_that_is_no_value_of_the_cursor_leaves_no_row_out(tmp_path, position):
    path = tmp_path / "club.db"
    with sqlite3.connect(path) as club:
        club.execute("create table members (id integer, changed text)")
        club.execute("insert into members values (1, '2026-01-01'), (2, '2026-03-02')")
        club.commit()
    connector = connector_of(Database(kind="sqlite", path=str(path), table="members", cursor="changed"))

    assert connector.fetch({"cursor": position}, tmp_path / "inbox").row_count == 2


def test_a_day_of_sqlite_stands_for_any_time_of_it(tmp_path):
    path = tmp_path / "club.db"
    with sqlite3.connect(path) as club:
        club.execute("create table members (id integer, changed date)")
        club.execute("insert into members values (1, '2026-03-01'), (2, '2026-03-02')")
        club.commit()
        declared = Database(kind="sqlite", path=str(path), table="members", cursor="changed", overlap=60)
        first = connector_of(declared).fetch(None, tmp_path / "inbox")
        club.execute("insert into members values (3, '2026-03-01'), (4, '2026-02-27')")
        club.commit()
        second = connector_of(declared).fetch(first.position, tmp_path / "inbox")

    assert sorted(rows_of(second.files, "id")) == [("1",), ("2",), ("3",)]


def test_sqlite_keeps_values_of_any_type_and_reads_beside_a_writer(tmp_path):
    path = tmp_path / "club.db"
    with sqlite3.connect(path) as club:
        club.execute("pragma journal_mode = wal")
        club.execute("create table points (version real, worth integer)")
        club.execute("insert into points values (1.5, 'many'), (0.5, 2.25)")
        club.commit()
        declared = Database(kind="sqlite", path=str(path), table="points", cursor="version", overlap=0)
        first = connector_of(declared).fetch(None, tmp_path / "inbox")
        club.execute("insert into points values (1.75, 3)")
        club.commit()
        club.execute("insert into points values (9, 9)")  # not committed while the second fetch reads
        second = connector_of(declared).fetch(first.position, tmp_path / "inbox")

    assert sorted(rows_of(first.files)) == [("0.5", "2.25"), ("1.5", "many")]
    assert sorted(rows_of(second.files)) == [("1.5", "many"), ("1.75", "3")]


def test_a_query_may_end_with_a_comment(tmp_path):
    with sqlite3.connect(tmp_path / "a.db") as database:
        database.execute("create table t as select 1 as id")
    query = "select id from t -- of the shop"
    declared = Database(kind="sqlite", path=str(tmp_path / "a.db"), query=query, cursor="id")

    assert rows_of(connector_of(declared).fetch(None, tmp_path / "inbox").files) == [("1",)]


def test_a_sqlite_file_that_is_not_there_is_named_and_not_made(tmp_path):
    path = tmp_path / "club.db"

    with pytest.raises(FetchError, match="club"):
        connector_of(Database(kind="sqlite", path=str(path), table="members")).fetch(None, tmp_path / "inbox")

    assert not path.exists()


def test_a_text_that_is_not_utf_8_is_refused_with_its_column_before_a_file_has_it(tmp_path):
    with sqlite3.connect(tmp_path / "club.db") as club:
        club.executescript("create table members (id integer, name text); insert into members values (1, 'Ben')")
        club.execute("insert into members values (2, cast(x'4dfc6c6c6572' as text))")
        club.commit()
    connector = connector_of(Database(kind="sqlite", path=str(tmp_path / "club.db"), table="members"))

    with pytest.raises(FetchError, match=r"^The column name has a text that is not UTF-8; expected UTF-8\. Correct it"):
        connector.fetch(None, tmp_path / "inbox")

    assert not [path for path in (tmp_path / "inbox").rglob("*") if path.is_file()]


def test_a_fraction_with_all_its_digits_is_where_the_next_fetch_begins(tmp_path):
    path = tmp_path / "club.db"
    with sqlite3.connect(path) as club:
        club.execute("create table members (id integer, changed real)")
        club.execute("insert into members values (1, 1767261600.123456)")
        club.commit()
        connector = connector_of(Database(kind="sqlite", path=str(path), table="members", cursor="changed", overlap=0))
        first = connector.fetch(None, tmp_path / "inbox")
        club.execute("insert into members values (2, 1767261600.123456)")
        club.commit()

    assert sorted(rows_of(connector.fetch(first.position, tmp_path / "inbox").files, "id")) == [("1",), ("2",)]


def test_a_time_that_has_not_come_does_not_hide_rows_of_a_clock_that_is_behind(tmp_path):
    path = tmp_path / "club.db"
    with sqlite3.connect(path) as club:
        club.execute("create table members (id integer, changed text)")
        club.execute("insert into members values (1, '9999-12-31 00:00:00'), (2, '2026-01-01 10:00:00')")
        club.commit()
        connector = connector_of(Database(kind="sqlite", path=str(path), table="members", cursor="changed", overlap=60))
        first = connector.fetch(None, tmp_path / "inbox")
        club.execute("insert into members values (3, '2026-01-01 11:00:00')")
        club.commit()
        second = connector.fetch(first.position, tmp_path / "inbox")

    assert [row[0] for row in sorted(rows_of(second.files, "id"))] == ["1", "2", "3"]
