"""Rows of a database come into the inbox: by cursor, with what was committed late, as the database writes them."""

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from postgres_server import PASSWORD, USER, running_postgres
from pydantic import ValidationError

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.databases.declaration import Database
from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.waits import Clock

ODD = """
create table odd (
    id int, "We""ird ' name" text, mail text, amount numeric(40, 10), tags text[], details jsonb, token uuid,
    data bytea, at timestamptz, local timestamp, born date, is_on boolean
);
insert into odd values (
    1, 'a', 'ada@example.org', '123456789012345678901234567890.0123456789', '{x,"y z"}', '{"a": 1}',
    '00000000-0000-0000-0000-000000000001', '\\xdeadbeef', '2026-01-01 12:00:00.123456+02', 'infinity', '1990-02-03',
    true
), (2, null, null, 'NaN', null, null, null, null, null, null, null, null);
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with running_postgres() as address:
        yield address


@pytest.fixture
def execute(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    import duckdb_extension_postgres_scanner as scanner

    monkeypatch.setenv("SHOP_DATABASE", postgres)
    with duckdb.connect() as engine:
        engine.load_extension(str(next(Path(scanner.__file__).parent.rglob("*.duckdb_extension"))))
        engine.execute(f"attach '{postgres}' as shop (type postgres)")

        def run(statements: str) -> None:
            engine.execute("call postgres_execute('shop', $$" + statements + "$$)")

        run("drop schema public cascade; create schema public")
        yield run


def shop(**declared: object) -> Database:
    return Database.model_validate({"kind": "postgres", "url": "env:SHOP_DATABASE", **declared})


def rows_of(files: tuple[Path, ...], columns: str = "*") -> list[tuple[object, ...]]:
    return [row for file in files for row in duckdb.sql(f"select {columns} from '{file}'").fetchall()]


@pytest.mark.slow
def test_each_value_comes_as_the_database_writes_it(execute, tmp_path):
    execute(ODD)

    fetched = connector_of(shop(table="public.odd")).fetch(None, tmp_path)

    assert fetched.row_count == 2
    first = rows_of(fetched.files)[0]
    assert first == (
        "1", "a", "ada@example.org", "123456789012345678901234567890.0123456789", '["x","y z"]', '{"a": 1}',
        "00000000-0000-0000-0000-000000000001", "\\xdeadbeef", "2026-01-01 10:00:00.123456+00", "infinity",
        "1990-02-03", "true",
    )  # fmt: skip


@pytest.mark.slow
def test_the_customs_of_a_role_do_not_change_what_comes(execute, tmp_path):
    customs = {"DateStyle": "German", "TimeZone": "Asia/Tokyo", "IntervalStyle": "iso_8601", "bytea_output": "escape"}
    execute("".join(f"alter role {USER} set {name} = '{value}';" for name, value in customs.items()))
    execute(
        "create table odd (at timestamptz, born date, wait interval, data bytea); "
        "insert into odd values ('2026-03-01 01:00+09', '1990-02-03', '1 day 02:00:00', '\\xde00')"
    )

    fetched = connector_of(shop(table="odd", cursor="at")).fetch(None, tmp_path)
    execute(f"alter role {USER} reset all")

    assert rows_of(fetched.files) == [("2026-02-28 16:00:00+00", "1990-02-03", "1 day 02:00:00", "\\xde00")]
    assert fetched.position["cursor"] == "2026-02-28 16:00:00+00"


@pytest.mark.slow
@pytest.mark.parametrize(("encoding", "name"), [("LATIN1", "José Müller"), ("WIN1252", "José €"), ("EUC_JP", "山田")])
def test_a_database_in_another_encoding_gives_its_letters(execute, postgres, tmp_path, monkeypatch, encoding, name):
    import duckdb_extension_postgres_scanner as scanner

    with duckdb.connect() as engine:
        engine.load_extension(str(next(Path(scanner.__file__).parent.rglob("*.duckdb_extension"))))
        engine.execute(f"attach '{postgres}' as shop (type postgres)")
        for statement in (
            f"drop database if exists old_{encoding}",
            f"create database old_{encoding} encoding '{encoding}' template template0",
        ):
            engine.execute(f"call postgres_execute('shop', $${statement}$$, use_transaction := false)")
        address = postgres.replace("/postgres", f"/old_{encoding}".lower())
        engine.execute(f"attach '{address}' as old (type postgres)")
        letters = f"convert_from(decode('{name.encode(encoding.replace('WIN', 'cp')).hex()}', 'hex'), '{encoding}')"
        engine.execute(f"call postgres_execute('old', $$create table people as select {letters} as name$$)")
    monkeypatch.setenv("SHOP_DATABASE", address)

    assert rows_of(connector_of(shop(table="people")).fetch(None, tmp_path).files) == [(name,)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["numeric", "numeric(20, 4)", "float8", "float4"])
def test_a_cursor_with_fractions_loses_no_row_though_one_is_not_a_number(execute, tmp_path, kind):
    execute(f"create table orders (version {kind}); insert into orders values (7.1), ('NaN')")
    connector = connector_of(shop(table="orders", cursor="version", overlap=0))
    first = connector.fetch(None, tmp_path)
    execute("insert into orders values (7.75), (7)")

    second = connector.fetch(first.position, tmp_path)

    assert sorted(float(row[0]) for row in rows_of(second.files) if row[0] != "NaN") == [7.1, 7.75]


@pytest.mark.slow
def test_enums_domains_partitions_views_and_odd_names_are_read(execute, tmp_path):
    execute(
        """create schema "Sales Team"; create type mood as enum ('sad', 'ok'); create domain mail as text;
        create table "Sales Team"."Order" ("select" int, "Mood" mood, box mail, total numeric,
            twice numeric generated always as (total * 2) stored, "Changed" timestamp) partition by range ("select");
        create table "Sales Team".small partition of "Sales Team"."Order" for values from (0) to (10);
        insert into "Sales Team"."Order" values (1, 'ok', 'x', 'NaN', default, '-infinity');
        create view "Seen" as select * from "Sales Team"."Order" """
    )
    expected = [("1", "ok", "x", "NaN", "NaN", "-infinity")]

    table = connector_of(shop(table="Sales Team.Order", cursor="Changed")).fetch(None, tmp_path)
    view = connector_of(shop(table="Seen")).fetch(None, tmp_path)
    execute('drop schema "Sales Team" cascade')

    assert rows_of(table.files) == expected
    assert rows_of(view.files) == expected


@pytest.mark.slow
@pytest.mark.parametrize("table", ['"Sales Data"."Kunden.2026"', 'Sales Data."Kunden.2026"', 'Sales Data.It"s'])
def test_a_table_may_be_named_as_the_database_quotes_it(execute, tmp_path, table):
    execute('drop schema if exists "Sales Data" cascade; create schema "Sales Data"')
    for made in ("Kunden.2026", 'It""s'):
        execute(f'create table "Sales Data"."{made}" as select 1 as id')

    assert rows_of(connector_of(shop(table=table)).fetch(None, tmp_path).files) == [("1",)]


@pytest.mark.slow
def test_columns_may_come_and_go_between_fetches(execute, tmp_path):
    execute("create table orders (id int, note text); insert into orders values (1, 'x')")
    connector = connector_of(shop(table="orders", cursor="id", overlap=0))
    first = connector.fetch(None, tmp_path)
    execute("alter table orders drop note; alter table orders add total int; insert into orders values (2, 5)")

    second = connector.fetch(first.position, tmp_path)
    execute("alter table orders rename to sales")

    assert sorted(rows_of(second.files, "id, total")) == [("1", None), ("2", "5")]
    with pytest.raises(FetchError, match='relation "orders" does not exist'):
        connector.fetch(second.position, tmp_path)


@pytest.mark.slow
def test_a_table_without_the_right_to_read_it_is_refused(execute, tmp_path, postgres, monkeypatch):
    execute(
        "drop role if exists guest; create role guest login password 'p@ss/w:rd?#'; create table hidden (id int); "
        "grant usage on schema public to guest"
    )
    secret = "p%40ss%2Fw%3Ard%3F%23"
    monkeypatch.setenv("SHOP_DATABASE", postgres.replace(f"{USER}:{PASSWORD}", f"guest:{secret}"))

    with pytest.raises(FetchError, match="permission denied for table hidden") as refused:
        connector_of(shop(table="hidden")).fetch(None, tmp_path)

    assert secret not in str(refused.value)


@pytest.mark.slow
def test_the_next_fetch_reads_what_is_newer_and_what_was_committed_late(execute, tmp_path):
    execute(
        "create table orders (id int, changed timestamptz); insert into orders "
        "select n, timestamptz '2026-01-01' + n * interval '1 hour' from generate_series(1, 100) as n"
    )
    connector = connector_of(shop(table="orders", cursor="changed", overlap=7200))
    first = connector.fetch(None, tmp_path / "a")
    execute(
        "insert into orders values (101, '2026-01-06'), (102, '2026-01-05 03:00'), (103, '2026-01-04'), (104, null)"
    )

    second = connector.fetch(first.position, tmp_path / "b")

    assert first.row_count == 100
    # The newest was number 100 at 04:00 of 5 January; two hours before it are read again.
    assert sorted(int(row[0]) for row in rows_of(second.files, "id")) == [98, 99, 100, 101, 102, 104]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "rows", "more"),
    [("int", "(7), (8)", "(9)"), ("timestamptz", "('2026-01-01'), ('2026-01-02')", "('2026-01-02 00:00:00.1')")],
)
def test_rows_that_are_read_again_make_no_file_while_they_are_the_same(execute, tmp_path, kind, rows, more):
    execute(f"create table orders (changed {kind}); insert into orders values {rows}")
    connector = connector_of(shop(table="orders", cursor="changed", overlap=0))
    first = connector.fetch(None, tmp_path)
    same = connector.fetch(first.position, tmp_path)
    execute(f"insert into orders values {more}")
    newer = connector.fetch(same.position, tmp_path)
    same_again = connector.fetch(newer.position, tmp_path)
    execute(f"insert into orders values {more}")
    equal_cursor = connector.fetch(same_again.position, tmp_path)
    assert [each.row_count for each in (first, same, newer, same_again, equal_cursor)] == [2, 0, 2, 0, 2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "reached", "older"),
    [("int", "100", ["40", "50"]), ("timestamptz", "2026-03-01 00:00:00+00", ["2025-01-01 00:00:00+00"])],
)
def test_a_table_that_begins_again_with_older_cursors_is_read_whole_once(execute, tmp_path, kind, reached, older):
    execute(f"create table orders (changed {kind}); insert into orders values ('{reached}')")
    connector = connector_of(shop(table="orders", cursor="changed", overlap=10))
    first = connector.fetch(None, tmp_path)
    execute("delete from orders")
    emptied = connector.fetch(first.position, tmp_path)
    execute("insert into orders values " + ", ".join(f"('{each}')" for each in older))
    second = connector.fetch(emptied.position, tmp_path)
    third = connector.fetch(second.position, tmp_path)
    assert [row[0] for row in rows_of(second.files)] == older
    assert (emptied.row_count, third.row_count) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "date", "int"])
def test_rows_of_a_table_that_was_empty_are_read_however_old_they_are(execute, tmp_path, kind):
    execute(f"create table orders (id int, changed {kind}); insert into orders values (1, null)")
    connector = connector_of(shop(table="orders", cursor="changed"))
    first = connector.fetch(None, tmp_path)
    old = "7" if kind == "int" else "2019-01-01"
    execute(f"insert into orders values (2, '{old}')")

    assert sorted(rows_of(connector.fetch(first.position, tmp_path).files, "id")) == [("1",), ("2",)]


@pytest.mark.slow
def test_a_day_as_cursor_stands_for_any_time_of_it(execute, tmp_path):
    execute(
        "create table orders (id int, changed date); insert into orders values (1, '2026-03-01'), (2, '2026-03-02')"
    )
    connector = connector_of(shop(table="orders", cursor="changed", overlap=60))
    first = connector.fetch(None, tmp_path)
    execute("insert into orders values (3, '2026-03-01'), (4, '2026-02-27')")

    assert sorted(rows_of(connector.fetch(first.position, tmp_path).files, "id")) == [("1",), ("2",), ("3",)]


@pytest.mark.slow
def test_a_clock_that_is_ahead_does_not_move_the_position_beyond_now(execute, tmp_path):
    execute(
        "create table orders (id int, changed timestamp); "
        "insert into orders values (1, '9999-12-31'), (2, '2026-01-01')"
    )
    connector = connector_of(shop(table="orders", cursor="changed"))

    first = connector.fetch(None, tmp_path)

    assert "9999" not in first.position["cursor"]


@pytest.mark.slow
def test_a_query_and_a_number_as_cursor_and_some_columns(execute, tmp_path):
    execute(
        "create table orders (id bigint, total numeric, note text); "
        "insert into orders values (1, 9.5, 'x'), (12, 3, 'y')"
    )
    connector = connector_of(
        shop(query="select id, total from orders where total > 0", cursor="id", overlap=0, columns=["id"])
    )
    first = connector.fetch(None, tmp_path)
    execute("insert into orders values (9, 1, 'late'), (13, 1, 'z')")

    second = connector.fetch(first.position, tmp_path)

    assert rows_of(first.files) == [("1",), ("12",)]
    assert sorted(rows_of(second.files)) == [("12",), ("13",)]


@pytest.mark.slow
def test_files_are_bounded_and_named_in_the_order_of_the_fetches(execute, tmp_path):
    execute("create table orders (id int); insert into orders select generate_series(1, 120000)")
    connector = connector_of(shop(table="orders", rows_per_file=50_000))

    first = connector.fetch(None, tmp_path)
    second = connector.fetch(first.position, tmp_path)

    assert [len(rows_of((file,))) for file in first.files] == [50_000, 50_000, 20_000]
    assert sorted([*first.files, *second.files]) == [*first.files, *second.files]


@pytest.mark.slow
def test_random_changes_fetched_by_cursor_are_the_table_in_the_end(execute, tmp_path):
    chance = random.Random(7)
    execute("create table orders (id int primary key, worth int, changed timestamptz)")
    connector = connector_of(shop(table="orders", cursor="changed", overlap=3600))
    position, newest = None, {}
    for step in range(12):
        for _ in range(chance.randrange(1, 8)):
            # Committed up to half an hour after the time in the cursor.
            at = f"timestamptz '2026-01-01' + interval '{step * 60 - chance.randrange(0, 30)} minutes'"
            values = f"({chance.randrange(30)}, {chance.randrange(1000)}, {at})"
            execute(
                f"insert into orders values {values} on conflict (id) do update set worth = excluded.worth, "
                "changed = excluded.changed where excluded.changed >= orders.changed"
            )
        fetched = connector.fetch(position, tmp_path / str(step))
        position = fetched.position
        newest |= {row[0]: row[1] for row in rows_of(fetched.files, "id, worth")}

    table = connector_of(shop(table="orders")).fetch(None, tmp_path / "all")
    assert newest == {row[0]: row[1] for row in rows_of(table.files, "id, worth")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"table": "nothing"}, 'relation "nothing" does not exist'),
        ({"table": "people", "cursor": "changed"}, "people has no column changed; found id, mail"),
        ({"query": "selekt 1"}, "syntax error"),
        ({"query": "select mail::int from people"}, "invalid input syntax for type integer"),
        ({"query": "delete from people returning id"}, "syntax error"),
    ],
)
def test_a_refusal_is_said_without_values(execute, tmp_path, declared, says):
    execute("create table people (id int, mail text); insert into people values (1, 'ada@example.org')")

    with pytest.raises(FetchError) as refused:
        connector_of(shop(**declared)).fetch(None, tmp_path)

    assert says in str(refused.value)
    assert "ada@" not in str(refused.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.slow
def test_a_fetch_leaves_its_password_nowhere(execute, tmp_path, capfd, caplog):
    execute("create table orders (id int); insert into orders values (1)")

    fetched = connector_of(shop(table="orders", cursor="id")).fetch(None, tmp_path)

    said = "".join(capfd.readouterr()) + caplog.text + json.dumps(fetched.position)
    assert PASSWORD not in said
    assert fetched.files
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and PASSWORD.encode() in file.read_bytes()]


@pytest.mark.slow
def test_a_wrong_password_is_said_without_it(postgres, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE", postgres.replace(PASSWORD, "wrong-password"))

    with pytest.raises(FetchError, match="password authentication failed") as refused:
        connector_of(shop(table="orders")).fetch(None, tmp_path)

    assert "wrong-password" not in str(refused.value)


def test_a_database_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE", "postgresql://owner:hidden-word@127.0.0.1:1/shop")

    with pytest.raises(FetchError, match="env:SHOP_DATABASE") as refused:
        connector_of(shop(table="orders"), Clock(sleep=lambda _: None)).fetch(None, tmp_path)

    assert "hidden-word" not in str(refused.value)
    assert refused.value.__context__ is None


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


@pytest.mark.parametrize(
    "declared",
    [
        {"kind": "postgres", "url": "postgresql://me:hidden-word@host/shop", "table": "t"},
        {"kind": "postgres", "url": "env:A"},
        {"kind": "postgres", "url": "env:A", "table": "t", "query": "select 1"},
        {"kind": "postgres", "path": "a.db", "table": "t"},
        {"kind": "sqlite", "url": "env:A", "table": "t"},
        {"kind": "postgres", "url": "env:A", "query": "select 1; drop table t"},
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused_without_its_values(declared):
    with pytest.raises(ValidationError) as refused:
        Database.model_validate(declared)

    assert "hidden-word" not in str(refused.value)
