"""Why a database gives nothing is said, and no value, password or secret with it."""

import json

import pytest
from fetched_tables import shop
from postgres_server import PASSWORD
from pydantic import ValidationError

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.databases.declaration import Database
from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.waits import Clock


@pytest.mark.slow
@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"table": "nothing"}, 'relation "nothing" does not exist'),
        ({"table": "people", "cursor": "changed"}, "people has no column changed; found id, mail"),
        ({"query": "selekt 1"}, "syntax error"),
        ({"query": "select mail::int from people"}, "invalid input syntax for type integer"),
        ({"query": "delete from people returning id"}, "syntax error"),
        ({"query": 'select mail, id, id as "Mail" from people'}, "differ by case alone"),
        ({"query": "select array[id] as ids from people", "cursor": "ids"}, "of the type INTEGER[] as cursor"),
        ({"query": "select * from people as a join people as b using (mail)"}, "two columns of one name"),
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


@pytest.mark.slow
def test_a_server_without_the_encryption_that_is_asked_for_says_so(postgres, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE", f"{postgres}?sslmode=require")

    with pytest.raises(FetchError, match="does not support SSL, but SSL was required") as refused:
        connector_of(shop(table="orders")).fetch(None, tmp_path)

    assert PASSWORD not in str(refused.value)


def test_a_database_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE", "postgresql://owner:hidden-word@127.0.0.1:1/shop")

    with pytest.raises(FetchError, match="env:SHOP_DATABASE") as refused:
        connector_of(shop(table="orders"), Clock(sleep=lambda _: None)).fetch(None, tmp_path)

    assert "hidden-word" not in str(refused.value)
    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("postgres", "postgresql+psycopg2://owner:hidden-word@host/shop"),
        ("postgres", "jdbc:postgresql://host/shop?user=owner&password=hidden-word"),
        ("mysql", "mariadb://owner:hidden-word@host/shop"),
    ],
)
def test_an_address_as_other_programs_write_it_is_refused_with_the_expected_form(tmp_path, monkeypatch, kind, address):
    monkeypatch.setenv("SHOP_DATABASE", address)
    declared = Database.model_validate({"kind": kind, "url": "env:SHOP_DATABASE", "table": "orders"})

    with pytest.raises(FetchError, match=r"another scheme; expected (postgresql|mysql)://user:password@") as refused:
        connector_of(declared).fetch(None, tmp_path)

    assert "hidden-word" not in str(refused.value)


def test_a_password_with_blanks_that_is_written_wrongly_is_not_repeated(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE", "postgresql://owner:it  is a no go@127.0.0.1:1/shop")

    with pytest.raises(FetchError, match="unexpected spaces found in") as refused:
        connector_of(shop(table="orders")).fetch(None, tmp_path)

    assert "it is" not in str(refused.value)
    assert "no go" not in str(refused.value)


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
