"""Rows of a database come into the inbox as the database writes them."""

from pathlib import Path

import duckdb
import pytest
from fetched_tables import rows_of, shop
from postgres_server import PASSWORD, USER

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError

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
@pytest.mark.parametrize("without_end", ["NaN", "Infinity"])
def test_a_cursor_may_have_more_digits_than_a_float(execute, tmp_path, without_end):
    execute(f"create table orders (version numeric); insert into orders values (1e400), ('{without_end}')")
    connector = connector_of(shop(table="orders", cursor="version", overlap=0))
    first = connector.fetch(None, tmp_path)
    execute("insert into orders values (1e400 + 1), (1e400 - 1)")

    second = connector.fetch(first.position, tmp_path)

    assert {int(str(row[0])) - 10**400 for row in rows_of(second.files) if row[0] != without_end} == {0, 1}


@pytest.mark.slow
@pytest.mark.parametrize("relation", ["owned", "(select * from owned limit 5)"])
def test_lists_and_composites_of_types_that_somebody_has_made_come_as_json(execute, tmp_path, relation):
    execute(
        """drop extension if exists hstore, citext; create extension hstore; create extension citext;
        create type mood as enum ('sad', 'very ok'); create type pair as (a int, b text);
        create table owned (oid int, moods mood[], words citext[], hosts inet[], pair pair, pairs pair[],
            details hstore, price money, typname text);
        insert into owned values (1, '{sad,"very ok"}', '{Ä b}', '{10.0.0.1}', row(1, 'x'), array[row(2, null)::pair],
            'a=>1, b=>null', '1234.5', 'plain')"""
    )

    fetched = connector_of(shop(query=f"select * from {relation} as it")).fetch(None, tmp_path)

    assert rows_of(fetched.files) == [
        (
            "1", '["sad","very ok"]', '["Ä b"]', '["10.0.0.1"]', '{"a":1,"b":"x"}', '[{"a":2,"b":null}]',
            '{"a": "1", "b": null}', "1234.50", "plain",
        )
    ]  # fmt: skip
