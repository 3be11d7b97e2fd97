"""A fetch by cursor leaves no row of a table out: what was committed late, begins again, or has odd times."""

import random

import pytest
from fetched_tables import rows_of, shop

from cdp_orchestration.connectors.connecting import connector_of


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
@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "date"])
def test_a_time_that_has_not_come_does_not_hide_rows_of_a_clock_that_is_behind(execute, tmp_path, kind):
    execute(
        f"create table orders (id int, changed {kind}); "
        "insert into orders values (1, 'infinity'), (2, '9999-12-31'), (3, '2026-01-01')"
    )
    connector = connector_of(shop(table="orders", cursor="changed", overlap=60))
    first = connector.fetch(None, tmp_path)
    execute("insert into orders values (4, '2026-01-02')")
    second = connector.fetch(first.position, tmp_path)
    third = connector.fetch(second.position, tmp_path)

    assert sorted(row[0] for row in rows_of(second.files, "id")) == ["1", "2", "3", "4"]
    assert third.files == ()
