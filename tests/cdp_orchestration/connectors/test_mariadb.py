"""Rows of a MariaDB come into the inbox with every type readable, whatever the server's time zone is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import duckdb
import pytest
from mariadb_server import PASSWORD, running_mariadb

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.databases.declaration import Database
from cdp_orchestration.connectors.fetching import FetchError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Callable[[str], None]]]:
    with running_mariadb() as running:
        yield running


@pytest.fixture
def execute(server: tuple[str, Callable[[str], None]], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    address, run = server
    monkeypatch.setenv("SHOP_DATABASE", address)
    run("drop database shop; create database shop character set utf8mb4")
    return run


def fetch(folder: Path, position: dict[str, object] | None = None, **declared: object):
    declaration = Database.model_validate({"kind": "mysql", "url": "env:SHOP_DATABASE", **declared})
    fetched = connector_of(declaration).fetch(position, folder)
    return fetched, [row for file in fetched.files for row in duckdb.sql(f"select * from '{file}'").fetchall()]


def test_each_type_comes_as_readable_text(execute, tmp_path):
    execute(
        "create table odd (id bigint unsigned, `we``ird \" name'` varchar(20), details json, grade tinyint(1), is_on "
        "bit(1), amount decimal(60, 10), data blob, local datetime(6), choice enum('a', 'b'), noted text);"
        "insert into odd values (18446744073709551615, 'Zoë 😀', '{\"a\": \"ü\"}', 2, b'1', "
        "'12345678901234567890123456789012345678901234567890.0123456789', x'deadbeef00ff', "
        "'2026-01-01 10:00:00.123456', 'b', '')"
    )

    _, rows = fetch(tmp_path, table="shop.odd")

    assert rows == [
        (
            "18446744073709551615", "Zoë 😀", '{"a": "ü"}', "2", "1",
            "12345678901234567890123456789012345678901234567890.0123456789", "DEADBEEF00FF",
            "2026-01-01 10:00:00.123456", "b", "",
        )
    ]  # fmt: skip


def test_a_geometry_comes_as_bytes_and_costs_no_other_column(execute, tmp_path):
    execute("create table shops (id int, place point); insert into shops values (1, point(1, 2)), (2, null)")

    _, rows = fetch(tmp_path, table="shops")

    assert sorted(rows) == [("1", "000000000101000000000000000000F03F0000000000000040"), ("2", None)]


def test_a_number_of_four_bytes_keeps_its_seven_figures(execute, tmp_path):
    execute(
        "create table orders (id int, total float); insert into orders values (1, 12345.67), (2, -19.99), "
        "(3, 16777216), (4, 0), (5, null), (6, 0.1)"
    )
    first, rows = fetch(tmp_path / "a", table="orders", cursor="total", overlap=0)
    execute("insert into orders values (7, 16777218)")

    _, later = fetch(tmp_path / "b", first.position, table="orders", cursor="total", overlap=0)

    assert [total for _, total in sorted(rows)] == ["12345.67", "-19.99", "16777216", "0", None, "0.1"]
    assert sorted(key for key, _ in later) == ["3", "5", "7"]


def test_what_the_server_says_is_shown_however_long_the_statement_is(execute, tmp_path):
    execute("create table wide (id int" + "".join(f", column_number_{n} int" for n in range(40)) + ")")
    with pytest.raises(FetchError, match="Unknown column 'missing'"):
        fetch(tmp_path, query="select missing, " + ", ".join(f"column_number_{n}" for n in range(40)) + " from wide")


def test_a_day_of_zeros_is_no_value_and_no_cursor(execute, tmp_path):
    execute(
        "create table visits (id int, born date not null, changed datetime not null); insert into visits values "
        "(1, '0000-00-00', '2026-01-01 10:00:00'), (2, '1990-02-03', '0000-00-00 00:00:00')"
    )
    first, rows = fetch(tmp_path / "a", table="visits", cursor="changed", overlap=0)
    execute("insert into visits values (3, '1990-02-03', '0000-00-00 00:00:00')")

    _, later = fetch(tmp_path / "b", first.position, table="visits", cursor="changed", overlap=0)

    assert sorted(rows) == [("1", None, "2026-01-01 10:00:00"), ("2", "1990-02-03", None)]
    assert [row[0] for row in sorted(later)] == ["1", "2", "3"]


def test_a_timestamp_comes_in_utc_though_the_server_is_elsewhere(execute, tmp_path):
    execute(
        "create table orders (id int, changed timestamp(6) null); create view seen as select * from orders;"
        "set time_zone = '+02:00'; insert into orders values (1, '2026-01-01 12:00:00.5')"
    )
    first, rows = fetch(tmp_path / "a", table="seen", cursor="changed", overlap=60)
    execute("set time_zone = '+00:00'; insert into orders values (2, '2026-01-01 09:59:30'), (3, '2026-01-01 09:58')")

    second, later = fetch(tmp_path / "b", first.position, table="seen", cursor="changed", overlap=60)
    idle, _ = fetch(tmp_path / "c", second.position, table="seen", cursor="changed", overlap=60)

    assert rows == [("1", "2026-01-01 10:00:00.500000")]
    assert sorted(row[0] for row in later) == ["1", "2"]
    assert idle.files == ()


def test_a_decimal_cursor_loses_no_row_to_rounding(execute, tmp_path):
    execute("create table orders (version decimal(30, 4)); insert into orders values (7.6)")
    first, _ = fetch(tmp_path / "a", table="orders", cursor="version", overlap=0)
    execute("insert into orders values (7.61), (7.5)")

    _, later = fetch(tmp_path / "b", first.position, table="orders", cursor="version", overlap=0)

    assert sorted(later) == [("7.6000",), ("7.6100",)]


def test_a_day_as_cursor_stands_for_any_time_of_it(execute, tmp_path):
    execute(
        "create table orders (id int, changed date); insert into orders values (1, '2026-03-01'), (2, '2026-03-02')"
    )
    first, _ = fetch(tmp_path / "a", table="orders", cursor="changed", overlap=60)
    execute("insert into orders values (3, '2026-03-01'), (4, '2026-02-27')")

    _, later = fetch(tmp_path / "b", first.position, table="orders", cursor="changed", overlap=60)

    assert sorted(row[0] for row in later) == ["1", "2", "3"]


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_connection_that_is_lost_amid_the_rows_is_made_again(execute, tmp_path, attempts):
    slow = "select seq as id from seq_1_to_103000 where if(seq > 100000, sleep(0.001) >= 0, true)"
    newest = "select concat('kill ', max(id)) from information_schema.processlist where user = 'reader'"
    cut = Timer(1.5, execute, [f"set @it = ({newest}); execute immediate @it"])
    cut.start()
    try:
        if attempts == 1:
            with pytest.raises(FetchError, match=r"read: the answer ended before its last row.*\. Check"):
                fetch(tmp_path, query=slow, attempts=attempts)
        else:
            _, rows = fetch(tmp_path, query=slow, attempts=attempts)
            assert sorted(int(row[0]) for row in rows) == list(range(1, 103_001))
    finally:
        cut.join()


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"table": "nothing"}, "nothing"),
        ({"table": "people", "cursor": "mail"}, "has mail of the type VARCHAR as cursor"),
        ({"query": "selekt 1"}, "syntax"),
        ({"table": "mysql.user"}, "denied"),
    ],
)
def test_a_refusal_is_said_without_secrets(execute, tmp_path, declared, says):
    execute("create table people (id int, mail varchar(50)); insert into people values (1, 'ada@example.org')")

    with pytest.raises(FetchError) as refused:
        fetch(tmp_path, **declared)

    assert says in str(refused.value)
    assert "ada@" not in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_a_wrong_password_is_said_without_it(server, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE", server[0].replace(PASSWORD, "wrong-password"))

    with pytest.raises(FetchError, match="denied") as refused:
        fetch(tmp_path, table="orders")

    assert "wrong-password" not in str(refused.value)


@pytest.mark.parametrize("kind", ["datetime", "timestamp(3) null", "date"])
def test_a_time_that_has_not_come_does_not_hide_rows_of_a_clock_that_is_behind(execute, tmp_path, kind):
    execute(
        f"create table orders (id int, changed {kind}); "
        "insert into orders values (1, '2037-12-31'), (2, '2026-01-01'), (3, null)"
    )
    first, _ = fetch(tmp_path / "a", table="orders", cursor="changed", overlap=60)
    execute("insert into orders values (4, '2026-01-02')")

    second, later = fetch(tmp_path / "b", first.position, table="orders", cursor="changed", overlap=60)
    third, _ = fetch(tmp_path / "c", second.position, table="orders", cursor="changed", overlap=60)

    assert {row[0] for row in later} >= {"1", "3", "4"}
    assert third.files == ()
