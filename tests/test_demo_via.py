"""The demo's four silos give the same release, whether they are files, tables of a PostgreSQL or a REST API."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from release_comparison import release_of, rows_of_one_history

from cdp_orchestration.demo.throwaway_postgres import NoServerError, throwaway_postgres

pytestmark = pytest.mark.slow

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]
# Two deliveries: the second one has late, repeated and older versions, and deletions.
DEMO = ("demo", "--customers", "150", "--drops", "2")


def _demo(cdp: Cdp, home: Path, via: str) -> str:
    result = cdp(home, *DEMO, "--via", via)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def by_files(tmp_path_factory: pytest.TempPathFactory, cdp: Cdp) -> dict[str, list[str]]:
    home = tmp_path_factory.mktemp("files") / "home"
    _demo(cdp, home, "files")
    return rows_of_one_history(release_of(home))


@pytest.fixture(scope="module")
def home_by_api(tmp_path_factory: pytest.TempPathFactory, cdp: Cdp) -> Path:
    home = tmp_path_factory.mktemp("rest") / "home"
    said = _demo(cdp, home, "rest")
    assert "The API has ended with this command" in said
    return home


def test_an_api_gives_the_release_that_files_give(by_files: dict[str, list[str]], home_by_api: Path) -> None:
    _assert_equal(rows_of_one_history(release_of(home_by_api)), by_files)


def test_after_the_demo_a_sync_needs_no_server_and_has_nothing_new(home_by_api: Path, cdp: Cdp) -> None:
    result = cdp(home_by_api, "sync")
    assert result.returncode == 0, result.stderr
    assert "Nothing new in the inbox" in result.stdout
    assert "Not fetched" not in result.stdout
    assert not (home_by_api / "sources").exists()
    assert len(list((home_by_api / "demo_sources").glob("*.yml"))) == 4


def test_tables_of_a_named_postgres_give_the_release_that_files_give_and_are_fetched_again(
    by_files: dict[str, list[str]], tmp_path: Path, cdp: Cdp, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    try:
        with throwaway_postgres() as server:
            monkeypatch.setenv("CDP_DEMO_POSTGRES_URL", server.address)
            said = _demo(cdp, home, "postgres")
            _assert_equal(rows_of_one_history(release_of(home)), by_files)
            server.run(
                "update crm.contacts set \"LastName\" = 'Brand-New', \"SystemModstamp\" = '2026-07-01T00:00:00Z', "
                "delivery_number = 1000000 where delivery_number = 1"
            )
            again = cdp(home, "sync")
    except NoServerError as reason:
        pytest.skip(str(reason))
    assert again.returncode == 0, again.stderr
    assert release_of(home).connect().execute(
        "select count(*) from person_record_values where family_name = 'Brand-New'"
    ).fetchall() == [(1,)]
    secret = server.address.partition(":")[2].partition("@")[0].rpartition(":")[2]
    assert secret not in said
    assert [path for path in home.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()] == []


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
        process.wait(300)  # a delivery that is being synced may end first
    assert not (home / "sources").exists()
    assert list(home.glob(".demo-silos-*")) == []


def _assert_equal(found: dict[str, list[str]], expected: dict[str, list[str]]) -> None:
    differences = {
        table: (len(rows), sorted(set(rows) ^ set(expected[table]))[:4])
        for table, rows in found.items()
        if rows != expected[table]
    }
    assert differences == {}
    assert found.keys() == expected.keys()
