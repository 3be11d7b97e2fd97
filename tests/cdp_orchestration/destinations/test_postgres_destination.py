"""A release in a real PostgreSQL: a schema a release, all views replaced at once, and no reader between two."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from postgres_server import PASSWORD, Server, postgres_that_stops
from small_releases import COLUMNS, FIRST, SECOND, THIRD, make_live, profile, rows_of

from cdp_orchestration.connectors.databases.scanners import scanner_of
from cdp_orchestration.destinations import DestinationError, PassingDestinationError, publish_to, standings
from cdp_orchestration.destinations.postgres_session import with_timeout
from cdp_orchestration.destinations.postgres_sql import schema_of
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.release.pointer import point_to

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL for all tests of this module."""
    with postgres_that_stops() as running:
        yield running


class Reader:
    """A connection of a reader: what it asks within one transaction until ``end``."""

    def __init__(self, address: str) -> None:
        self._engine = duckdb.connect()
        self._engine.load_extension(str(scanner_of("postgres")))
        self._engine.execute(f"attach {text_literal(address)} as server (type postgres)")

    def begin(self) -> None:
        self._engine.execute("begin")

    def end(self) -> None:
        self._engine.execute("rollback")

    def run(self, statement: str) -> None:
        self._engine.execute(f"call postgres_execute('server', {text_literal(statement)})")

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self._engine.execute(f"from postgres_query('server', {text_literal(query)})").fetchall()


OWNERS: dict[str, Reader] = {}


@contextmanager
def reading(address: str) -> Iterator[Reader]:
    reader = Reader(address)
    try:
        yield reader
    finally:
        reader._engine.close()


@pytest.fixture(scope="module")
def owner(server: Server) -> Iterator["Reader"]:
    """A connection of the role that the platform connects as."""
    with reading(server.address) as connected:
        yield connected


EMPTY = """do $$ declare name text; begin
for name in select nspname from pg_namespace where nspname like 'cdp%' loop
execute format('drop schema %I cascade', name); end loop; end $$"""


@pytest.fixture
def address(server: Server, owner: "Reader", monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database in which no release is."""
    owner.run(EMPTY)
    OWNERS[server.address] = owner
    monkeypatch.setenv("CDP_POSTGRES", server.address)
    return server.address


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return declare(tmp_path / "home")


def declare(home: Path, **more: object) -> Settings:
    declared = {"kind": "postgres", "url": "env:CDP_POSTGRES", "retries": 0, "wait_seconds": 5, **more}
    home.mkdir(exist_ok=True)
    (home / "destinations.yml").write_text(json.dumps({"destinations": {"warehouse": declared}}), encoding="utf-8")
    return Settings(home)


def ask(address: str, query: str) -> list[tuple[Any, ...]]:
    if address in OWNERS:
        return OWNERS[address].ask(query)
    with reading(address) as reader:
        return reader.ask(query)


def release_schemas(address: str) -> list[str]:
    found = ask(address, "select nspname::text from pg_namespace where nspname like 'cdp\\_%' order by 1")
    return [row[0] for row in found]


def test_tables_are_typed_keyed_and_described_and_twice_does_nothing(settings: Settings, address: str) -> None:
    make_live(settings.home, FIRST, rows_of(2))
    sent = publish_to(settings, "warehouse")
    assert (sent.is_new, sent.table_count, sent.row_count) == (True, 3, 6)
    (row, _) = ask(address, "select * from cdp.profiles order by profile_id")
    at = datetime(2026, 1, 1, 10, 0, 0, 123456)  # noqa: DTZ001 - as the contract has it
    assert row[:7] == ("p0", "a@example.org", Decimal("1.25"), 3, True, date(2026, 1, 1), 0.5)
    assert row[7:11] == ([0.5, 1.5], ["a, b", "c"], Decimal(7), at)
    assert row[11].astimezone(UTC) == at.replace(tzinfo=UTC)
    types = ask(
        address,
        "select column_name::text, data_type::text from information_schema.columns where table_schema = 'cdp' and "
        "table_name = 'profiles' order by ordinal_position",
    )
    assert [kind for _, kind in types] == [
        *("text", "text", "numeric", "bigint", "boolean", "date", "double precision", "ARRAY", "ARRAY", "numeric"),
        *("timestamp without time zone", "timestamp with time zone"),
    ]
    schema = schema_of("cdp", FIRST)
    assert schema == "cdp_20260101t000000z_000001"
    keys = (
        "select conrelid::regclass::text from pg_constraint where contype = 'p' and "
        f"connamespace = '{schema}'::regnamespace"
    )
    assert {row[0].rpartition(".")[2] for row in ask(address, keys)} == {"profiles", "touchpoints", "release_tables"}
    comments = "select obj_description('cdp.profiles'::regclass), col_description('cdp.profiles'::regclass, 2)"
    assert ask(address, comments) == [("One row per row of profiles.", "The email.")]
    shown = ask(address, "select table_name, row_count, release_id from cdp.release_tables order by 1")
    assert shown == [("match_edges", 2, FIRST), ("profiles", 2, FIRST), ("touchpoints", 2, FIRST)]
    before = ask(address, "select published_at from cdp.release_tables limit 1")
    assert publish_to(settings, "warehouse").is_new is False
    assert ask(address, "select published_at from cdp.release_tables limit 1") == before


def test_old_schemas_go_by_number_and_a_rollback_is_followed_without_loading(settings: Settings, address: str) -> None:
    for release_id, count in ((FIRST, 1), (SECOND, 2), (THIRD, 3)):
        make_live(settings.home, release_id, rows_of(count))
        sent = publish_to(settings, "warehouse")
    assert sent.removed == (schema_of("cdp", FIRST),)
    assert release_schemas(address) == [schema_of("cdp", SECOND), schema_of("cdp", THIRD)]
    point_to(settings.releases, SECOND, datetime.now(UTC), former=[FIRST, THIRD])
    assert [each.is_behind for each in standings(settings)] == [True]
    back = publish_to(settings, "warehouse")
    assert (back.release_id, back.sent_tables, back.removed) == (SECOND, (), ())
    assert ask(address, "select count(*) from cdp.profiles") == [(2,)]
    # What the views show stays, whatever is newer
    declare(settings.home, keep=1)
    assert publish_to(settings, "warehouse").removed == (schema_of("cdp", THIRD),)
    assert release_schemas(address) == [schema_of("cdp", SECOND)]


def test_no_reader_sees_tables_of_two_releases(settings: Settings, address: str) -> None:
    make_live(settings.home, FIRST, rows_of(1))
    publish_to(settings, "warehouse")
    seen: list[tuple[int, int, int]] = []
    errors: list[Exception] = []
    ended = threading.Event()

    def read() -> None:
        try:
            with reading(address) as reader:
                while not ended.is_set():
                    reader.begin()
                    counts = [
                        reader.ask(f"select count(*) from cdp.{name}")[0][0] for name in ("touchpoints", "profiles")
                    ]
                    joined = reader.ask("select count(*) from cdp.profiles p join cdp.touchpoints t using (profile_id)")
                    seen.append((*counts, joined[0][0]))
                    reader.end()
        except Exception as error:  # noqa: BLE001 - whatever a reader meets is what this is about
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for each in readers:
        each.start()
    try:
        for day in range(2, 5):
            make_live(settings.home, f"202601{day:02}T000000Z-0000{day:02}", rows_of(day))
            publish_to(settings, "warehouse")
    finally:
        ended.set()
        for each in readers:
            each.join()
    assert errors == []
    assert {len(set(counts)) for counts in seen} == {1}, "a transaction saw tables of two releases"
    assert len({counts[0] for counts in seen}) > 2, "the readers saw releases come"


def test_a_reader_that_stays_keeps_its_release_and_the_next_publication_ends_what_waits(
    settings: Settings, address: str
) -> None:
    make_live(settings.home, FIRST, rows_of(1))
    publish_to(settings, "warehouse")
    declare(settings.home, wait_seconds=1)
    make_live(settings.home, SECOND, rows_of(2))
    with reading(address) as reader:
        reader.begin()
        assert reader.ask("select count(*) from cdp.profiles") == [(1,)]
        with pytest.raises(PassingDestinationError, match=f"have held the views .* The tables of {SECOND} are loaded"):
            publish_to(settings, "warehouse")
        assert reader.ask("select count(*) from cdp.touchpoints") == [(1,)]
        reader.end()
    sent = publish_to(settings, "warehouse")
    assert (sent.release_id, sent.sent_tables) == (SECOND, ())
    assert ask(address, "select count(*) from cdp.touchpoints") == [(2,)]


KILLED = """
import os, signal, sys
from pathlib import Path
from cdp_orchestration.destinations import publish_to
from cdp_orchestration.destinations.postgres import PostgresPublisher
from cdp_orchestration.destinations.postgres_session import Session
from cdp_orchestration.home.settings import Settings

load = Session.load

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def kill_after_rows(session, schema, table, columns, file):
    load(session, schema, table, columns, file)
    if table == "profiles":
        kill()

if sys.argv[2] == "load":
    Session.load = kill_after_rows
else:
    PostgresPublisher._show = kill
publish_to(Settings(Path(sys.argv[1])), "warehouse")
"""


def publish_and_be_killed(settings: Settings, where: str) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, settings.home, where], check=False, cwd=Path.cwd())
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("where", "left_to_send"), [("load", ("profiles", "touchpoints")), ("before the views", ())])
def test_one_that_was_killed_shows_the_old_release_and_is_ended_later(
    settings: Settings, address: str, where: str, left_to_send: tuple[str, ...]
) -> None:
    make_live(settings.home, FIRST, rows_of(1))
    publish_to(settings, "warehouse")
    make_live(settings.home, SECOND, rows_of(2))
    publish_and_be_killed(settings, where)
    assert ask(address, "select count(*) from cdp.profiles") == [(1,)]
    assert publish_to(settings, "warehouse").sent_tables == left_to_send
    assert ask(address, "select count(*) from cdp.profiles join cdp.touchpoints using (profile_id)") == [(2,)]


def test_what_a_killed_one_has_loaded_and_no_one_shows_goes(settings: Settings, address: str) -> None:
    make_live(settings.home, FIRST, rows_of(1))
    publish_to(settings, "warehouse")
    make_live(settings.home, SECOND, rows_of(2))
    publish_and_be_killed(settings, "before the views")
    make_live(settings.home, THIRD, rows_of(3))
    assert publish_to(settings, "warehouse").removed == (schema_of("cdp", SECOND),)
    assert release_schemas(address) == [schema_of("cdp", FIRST), schema_of("cdp", THIRD)]


def test_rights_and_views_of_the_companys_own_stay(settings: Settings, address: str, server: Server) -> None:
    server.run("create role analyst login password 'analyst'")
    declare(settings.home, readers=["analyst"])
    make_live(settings.home, FIRST, rows_of(1))
    publish_to(settings, "warehouse")
    OWNERS[address].run("create view public.mine as select email from cdp.profiles")
    grown = {**COLUMNS, "profiles": {**COLUMNS["profiles"], "is_new": "boolean"}}
    rows = {**rows_of(1), "profiles": [(*profile("p0"), True), (*profile("p1"), False)]}
    make_live(settings.home, SECOND, rows, grown)
    publish_to(settings, "warehouse")
    assert ask(address, "select count(*) from public.mine") == [(2,)]
    as_analyst = address.replace("//owner:" + PASSWORD, "//analyst:analyst")
    assert ask(as_analyst, "select count(is_new) from cdp.profiles") == [(2,)]
    with pytest.raises(duckdb.Error, match="permission denied"):
        ask(as_analyst, f"select * from {schema_of('cdp', SECOND)}.profiles")
    # A column of another type cannot be shown by the view that others depend on: readers keep what they have
    other = {**COLUMNS, "profiles": {**COLUMNS["profiles"], "email": "bigint"}}
    make_live(settings.home, THIRD, {**rows_of(1), "profiles": [profile("p0", None)]}, other)
    with pytest.raises(DestinationError, match=r"cannot drop view cdp\.profiles because other objects depend on it"):
        publish_to(settings, "warehouse")
    assert ask(address, "select count(*) from cdp.profiles") == [(2,)]
    OWNERS[address].run("drop view public.mine")
    publish_to(settings, "warehouse")
    assert ask(as_analyst, "select count(*) from cdp.profiles") == [(1,)]


def test_what_depends_on_an_old_schema_keeps_it_and_is_said(settings: Settings, address: str) -> None:
    declare(settings.home, keep=1)
    make_live(settings.home, FIRST, rows_of(1))
    publish_to(settings, "warehouse")
    old = schema_of("cdp", FIRST)
    OWNERS[address].run(f"create view public.frozen as select email from {old}.profiles")
    make_live(settings.home, SECOND, rows_of(2))
    sent = publish_to(settings, "warehouse")
    assert (sent.removed, sent.in_use) == ((), (old,))
    assert ask(address, "select count(*) from public.frozen") == [(1,)]


def test_a_table_that_is_no_longer_wanted_goes_with_its_view(settings: Settings, address: str) -> None:
    make_live(settings.home, FIRST, rows_of(1))
    publish_to(settings, "warehouse")
    declare(settings.home, tables=["profiles"])
    sent = publish_to(settings, "warehouse")
    assert (sent.is_new, sent.sent_tables) == (True, ())
    views = "select table_name::text from information_schema.views where table_schema = 'cdp' order by 1"
    assert ask(address, views) == [("profiles",), ("release_tables",)]
    tables = f"select table_name::text from information_schema.tables where table_schema = '{schema_of('cdp', FIRST)}'"
    assert sorted(ask(address, tables)) == [("profiles",), ("release_tables",)]
    declare(settings.home)
    assert publish_to(settings, "warehouse").sent_tables == ("match_edges", "touchpoints")


def test_a_server_that_is_down_is_said_without_the_password_and_followed_later(tmp_path: Path, monkeypatch) -> None:
    with postgres_that_stops() as other:
        monkeypatch.setenv("CDP_POSTGRES", other.address)
        settings = declare(tmp_path / "home")
        make_live(settings.home, FIRST, rows_of(1))
        other.stop()
        with pytest.raises(PassingDestinationError, match=r"warehouse .* cannot be published to: .*refused") as raised:
            publish_to(settings, "warehouse")
        assert raised.value.__suppress_context__
        (standing,) = standings(settings)
        for said in (str(raised.value), str(standing.state.problem)):
            assert PASSWORD not in said
            assert other.address not in said
        assert standing.is_behind
        other.start()
        publish_to(settings, "warehouse")
        assert [each.is_behind for each in standings(settings)] == [False]


def test_rows_that_the_server_refuses_are_said_without_their_values(settings: Settings, address: str) -> None:
    twice = [("t1", "secret-person", "1.00"), ("t1", "secret-person", "2.00")]
    make_live(settings.home, FIRST, {**rows_of(1), "touchpoints": twice})
    with pytest.raises(DestinationError, match="duplicate key value violates unique constraint") as raised:
        publish_to(settings, "warehouse")
    assert "t1" not in str(raised.value).replace("touchpoints", "")
    assert not isinstance(raised.value, PassingDestinationError)


def test_texts_and_names_of_customers_stay_text(settings: Settings, address: str) -> None:
    hostile = "Robert'); drop schema cdp cascade; -- \"\\ \t\n$$ \N{GRINNING FACE}"
    make_live(settings.home, FIRST, {**rows_of(0), "profiles": [profile("p0", hostile), profile("p1", "a\x00b")]})
    publish_to(settings, "warehouse")
    found = ask(address, "select email from cdp.profiles order by profile_id")
    assert found == [(hostile,), ("a\N{REPLACEMENT CHARACTER}b",)]


def test_two_processes_publish_one_after_the_other(settings: Settings, address: str) -> None:
    make_live(settings.home, FIRST, rows_of(1))
    found: list[bool] = []
    threads = [
        threading.Thread(target=lambda: found.append(publish_to(settings, "warehouse").is_new)) for _ in range(2)
    ]
    started = time.monotonic()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(found) == [False, True]
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgresql://u:p@h/d", "postgresql://u:p@h/d?connect_timeout=15"),
        ("postgresql://u:p@h/d?sslmode=require", "postgresql://u:p@h/d?sslmode=require&connect_timeout=15"),
        ("host=h dbname=d", "host=h dbname=d connect_timeout=15"),
        ("postgresql://u:p@h/d?connect_timeout=1", "postgresql://u:p@h/d?connect_timeout=1"),
    ],
)
def test_a_server_that_does_not_answer_is_not_waited_for_without_end(address: str, expected: str) -> None:
    assert with_timeout(address) == expected
