"""A fetch from a database outlives what passes by itself, and asks once where the answer will be the same."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import duckdb
import pytest
from postgres_server import PASSWORD, Server, postgres_that_stops

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.databases.declaration import Database
from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.waits import Clock

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with postgres_that_stops() as server:
        yield server


@pytest.fixture
def server(running: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    if not running.is_running:  # a test that failed may have left it so
        running.start()
    monkeypatch.setenv("SHOP_DATABASE", running.address)
    return running


def fetch(
    folder: Path, waits: list[float], *, starts: Callable[[], None] | None = None, on_wait: int = 1, **declared: object
) -> list[str]:
    """Return the ids that a fetch brings; a server is started when it waits for a given time."""

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if starts and len(waits) == on_wait:
            starts()

    wanted = {"kind": "postgres", "url": "env:SHOP_DATABASE", "query": "select 7 as id", **declared}
    fetched = connector_of(Database.model_validate(wanted), Clock(sleep=sleep)).fetch(None, folder)
    return [str(row[0]) for file in fetched.files for row in duckdb.sql(f"select id from '{file}'").fetchall()]


def test_a_server_that_is_started_meanwhile_is_fetched_from_after_growing_waits(server, tmp_path):
    server.stop()
    waits: list[float] = []

    assert fetch(tmp_path, waits, starts=server.start, on_wait=3) == ["7"]
    assert len(waits) == 3
    assert 0 < waits[0] < waits[1] < waits[2] <= 4


@pytest.mark.parametrize("at_once", [0, 100_000])
def test_a_server_that_stops_before_or_after_the_first_rows_came_gives_each_row_once(server, tmp_path, at_once):
    waits: list[float] = []
    stopping = Timer(1.5, server.stop)

    def start_again() -> None:
        stopping.join()
        server.start()

    stopping.start()
    try:
        rows = (
            f"select id from generate_series(1, {at_once + 3000}) as id "
            f"where case when id > {at_once} then pg_sleep(0.001)::text is not null else true end"
        )
        found = fetch(tmp_path, waits, starts=start_again, query=rows)
    finally:
        stopping.join()

    assert waits
    assert sorted(map(int, found)) == list(range(1, at_once + 3001))
    assert {file.suffix for file in tmp_path.iterdir()} == {".parquet"}


def test_a_server_that_stays_away_is_named_after_the_declared_attempts(server, tmp_path):
    server.stop()
    waits: list[float] = []
    try:
        with pytest.raises(FetchError, match="Connection refused") as refused:
            fetch(tmp_path, waits, attempts=4, max_wait_seconds=0.75)
    finally:
        server.start()

    assert len(waits) == 3
    assert max(waits) == 0.75
    assert PASSWORD not in str(refused.value)
    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    ("says", "count"),
    [
        ("deadlock detected", 2),
        ("could not serialize access due to concurrent update", 2),
        ("canceling statement due to lock timeout", 2),
        ("the order is closed", 0),
    ],
)
def test_a_deadlock_and_a_conflict_of_transactions_are_tried_again(server, tmp_path, says, count):
    body = f"begin raise exception ''{says}''; end"
    _execute(server, f"create or replace function fails() returns int language plpgsql as '{body}'")
    waits: list[float] = []

    with pytest.raises(FetchError, match=says):
        fetch(tmp_path, waits, query="select fails() as id", attempts=3)

    assert len(waits) == count


@pytest.mark.parametrize(
    ("address", "query", "says"),
    [
        (PASSWORD, "select id from nothing_there", "does not exist"),
        ("wrong-word", "select 7 as id", "password authentication failed"),
    ],
)
def test_what_will_be_the_same_again_is_asked_once(server, tmp_path, monkeypatch, address, query, says):
    monkeypatch.setenv("SHOP_DATABASE", server.address.replace(PASSWORD, address))
    waits: list[float] = []

    with pytest.raises(FetchError, match=says):
        fetch(tmp_path, waits, query=query)

    assert waits == []


def _execute(server: Server, statement: str) -> None:
    import duckdb_extension_postgres_scanner as scanner

    with duckdb.connect() as engine:
        engine.load_extension(str(next(Path(scanner.__file__).parent.rglob("*.duckdb_extension"))))
        engine.execute(f"attach '{server.address}' as shop (type postgres)")
        engine.execute("call postgres_execute('shop', $$" + statement + "$$)")
