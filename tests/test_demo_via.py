"""The demo's four silos give the same rows, whether they are files, tables of a PostgreSQL or a REST API.

What has landed of two deliveries is compared for each way. That the releases are the same as well, and that a sync
needs none of the servers that a demo has ended, is marked ``long``.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from release_comparison import release_of, rows_of_one_history

from cdp_orchestration.demo import write_demo
from cdp_orchestration.demo.silos import Via, open_silos
from cdp_orchestration.demo.throwaway_postgres import NoServerError, Server, throwaway_postgres
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import fetch_stream, land_stream
from cdp_orchestration.sources import declared_streams

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]
Landed = dict[str, set[str]]
# Two deliveries: the second one has late, repeated and older versions, and deletions.
DROPS = (0, 1)
DEMO = ("demo", "--customers", "150", "--drops", "2")
RENAME = """
update crm.contacts
set "LastName" = 'Brand-New', "SystemModstamp" = '2026-07-01T00:00:00Z', delivery_number = 1000000
where delivery_number = 1
"""


def _demo(cdp: Cdp, home: Path, via: str, *arguments: str) -> str:
    result = cdp(home, *(arguments or DEMO), "--via", via)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def _landed_by(via: Via, home: Path, drops: tuple[int, ...] = DROPS) -> Landed:
    """Hand deliveries over as the demo does, each fetched and landed before the next; return the rows of all."""
    settings = Settings(home)
    with open_silos(via, settings) as silos:
        for drop in drops:
            write_demo(silos.folder, home / "demo_truth.csv", customers=40, seed=7, drops=(drop,))
            silos.take(drop)
            _land(settings)
    return _rows(settings)


def _land(settings: Settings) -> None:
    for stream in declared_streams(settings):
        fetched = fetch_stream(stream, settings)
        assert fetched is None or fetched.problem is None
        land_stream(stream, settings)


def _rows(settings: Settings) -> Landed:
    """Every landed version of each stream, without the platform's own columns: they name file, line and time."""
    versions = "select distinct columns(name -> name[1] <> '_') from landing.{}"
    with open_warehouse(settings.warehouse) as connection:
        return {
            stream.table: set(map(str, connection.execute(versions.format(stream.table)).fetchall()))
            for stream in declared_streams(settings)
        }


@pytest.fixture(scope="module")
def landed_by_files(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    return _landed_by("files", tmp_path_factory.mktemp("files") / "home")


@pytest.fixture(scope="module")
def home_by_api(tmp_path_factory: pytest.TempPathFactory, cdp: Cdp) -> Path:
    """A home of one delivery, which went through the whole line."""
    home = tmp_path_factory.mktemp("rest") / "home"
    said = _demo(cdp, home, "rest", "demo", "--customers", "40", "--drops", "1")
    assert "The API has ended with this command" in said
    return home


@pytest.fixture
def postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A PostgreSQL that is named, so that it outlives a demo."""
    with ExitStack() as running:
        try:
            server = running.enter_context(throwaway_postgres())
        except NoServerError as reason:
            pytest.skip(str(reason))
        monkeypatch.setenv("CDP_DEMO_POSTGRES_URL", server.address)
        yield server


def test_an_api_gives_the_rows_that_files_give(landed_by_files: Landed, tmp_path: Path) -> None:
    _assert_equal(_landed_by("rest", tmp_path / "home"), landed_by_files)


@pytest.mark.long
def test_after_the_demo_a_sync_needs_no_server_and_has_nothing_new(home_by_api: Path, cdp: Cdp) -> None:
    result = cdp(home_by_api, "sync")
    assert result.returncode == 0, result.stderr
    assert "Nothing new in the inbox" in result.stdout
    assert "Not fetched" not in result.stdout
    assert not (home_by_api / "sources").exists()
    assert len(list((home_by_api / "demo_sources").glob("*.yml"))) == 4
    assert release_of(home_by_api).manifest["tables"]["profiles"]["rows"] > 0


def test_tables_of_a_named_postgres_give_the_rows_that_files_give_and_are_fetched_again(
    landed_by_files: Landed, tmp_path: Path, postgres: Server
) -> None:
    home = tmp_path / "home"
    _assert_equal(_landed_by("postgres", home), landed_by_files)
    postgres.run(RENAME)
    _land(Settings(home))
    (renamed,) = _rows(Settings(home))["crm_contacts"] - landed_by_files["crm_contacts"]
    assert "'Brand-New'" in renamed
    assert _files_with_the_secret(home, postgres) == []


def _files_with_the_secret(home: Path, postgres: Server) -> list[Path]:
    secret = postgres.address.partition(":")[2].partition("@")[0].rpartition(":")[2]
    return [path for path in home.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


@pytest.mark.long
def test_an_api_and_a_named_postgres_give_the_release_that_files_give(
    tmp_path: Path, cdp: Cdp, postgres: Server
) -> None:
    homes = {via: tmp_path / via for via in ("files", "rest", "postgres")}
    said = {via: _demo(cdp, home, via) for via, home in homes.items()}
    releases = {via: rows_of_one_history(release_of(home)) for via, home in homes.items()}
    for via in ("rest", "postgres"):
        _assert_equal(releases[via], releases["files"])
    postgres.run(RENAME)
    again = cdp(homes["postgres"], "sync")
    assert again.returncode == 0, again.stderr
    assert release_of(homes["postgres"]).connect().execute(
        "select count(*) from person_record_values where family_name = 'Brand-New'"
    ).fetchall() == [(1,)]
    assert postgres.address not in said["postgres"]
    assert _files_with_the_secret(homes["postgres"], postgres) == []


def test_a_demo_that_is_stopped_leaves_no_declaration_in_force_and_no_server(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [Path(sys.executable).parent / "cdp", "demo", "--customers", "3", "--via", "rest"]
    with subprocess.Popen(command, env={**os.environ, "CDP_HOME": str(home)}, stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 180
        while not (home / "warehouse.duckdb").exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert (home / "sources").exists()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        finally:
            process.kill()  # one that hangs fails the test and stops no other
    assert not (home / "sources").exists()
    assert list(home.glob(".demo-silos-*")) == []


def _assert_equal(found: Mapping[str, Collection[str]], expected: Mapping[str, Collection[str]]) -> None:
    differences = {
        table: (len(rows), sorted(set(rows) ^ set(expected[table]))[:4])
        for table, rows in found.items()
        if rows != expected[table]
    }
    assert differences == {}
    assert found.keys() == expected.keys()
