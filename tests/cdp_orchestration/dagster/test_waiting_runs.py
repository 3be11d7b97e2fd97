"""A run of Dagster fetches before it takes the writer's lock, and waits its turn for that; so it is known as alive."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from cdp_orchestration.dagster.early_fetches import streams_of_run
from cdp_orchestration.dagster.killed_runs import close_killed_runs
from cdp_orchestration.dagster.triggers import SOURCE_TAG
from cdp_orchestration.home.living_runs import is_alive
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.writer_lock import writer_lock

CLUB = """
source: club
streams:
  members:
    key: [id]
    fields: {{id: identifier}}
    from: {{kind: sqlite, path: {path}, table: members}}
"""
RUN = """
import dagster as dg
from cdp_orchestration.dagster.assets.landing import landing_assets
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.home.settings import Settings

# what dbt's manifest says of the columns is shown in Dagster alone, and parsing the project takes longer than the run
(members,) = (each for each in landing_assets({"sources": {}}) if each.key == dg.AssetKey(["landing", "club_members"]))
sync = dg.define_asset_job("sync", selection=dg.AssetSelection.all())
definitions = dg.Definitions(
    assets=[members], jobs=[sync], resources={"home": Home()}, executor=dg.in_process_executor
)
with open_instance(Settings.from_environment()) as instance:
    definitions.resolve_job_def("sync").execute_in_process(instance=instance)
"""
HOUR = 3600.0


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with one source, which a database holds."""
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")
    with sqlite3.connect(tmp_path / "club.db") as database:
        database.executescript("create table members (id text); insert into members values ('1'), ('2')")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(CLUB.format(path=tmp_path / "club.db"), encoding="utf-8")
    return Settings(tmp_path)


def _until(is_so: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 90
    while not is_so():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _run(**about: object) -> dg.DagsterRun:
    return dg.DagsterRun(**{"job_name": "sync", **about})  # type: ignore[arg-type] # its own names


@pytest.mark.slow
def test_a_run_fetches_while_another_writes_waits_as_alive_and_lands(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    inbox = settings.inbox / "club" / "members"
    with writer_lock(settings.writer_lock, "a long import"):
        process = subprocess.Popen([sys.executable, "-c", RUN], stderr=subprocess.PIPE, text=True)
        _until(lambda: inbox.exists() and any(inbox.glob("*.parquet")), process)
        _until(lambda: any(settings.writer_lock.with_suffix(".line").iterdir()), process)
        (run,) = instance.get_runs()
        assert is_alive(settings, run.run_id)
        assert close_killed_runs(instance, settings, time.time() + HOUR) == []
        time.sleep(2)
        assert process.poll() is None
    said = process.communicate(timeout=90)[1]
    assert process.returncode == 0, said
    ended = instance.get_run_by_id(run.run_id)
    assert ended is not None
    assert ended.status == dg.DagsterRunStatus.SUCCESS
    (landed,) = instance.fetch_materializations(dg.AssetKey(["landing", "club_members"]), limit=1).records
    assert landed.asset_materialization is not None
    found = landed.asset_materialization.metadata
    assert (found["rows_fetched"].value, found["rows_landed"].value) == (2, 2)
    assert not any(settings.living_runs.iterdir())


@pytest.mark.slow
def test_a_run_that_was_killed_while_it_waited_is_closed(settings: Settings, instance: dg.DagsterInstance) -> None:
    with writer_lock(settings.writer_lock, "a long import"):
        process = subprocess.Popen([sys.executable, "-c", RUN], stderr=subprocess.PIPE, text=True)
        line = settings.writer_lock.with_suffix(".line")
        _until(lambda: line.exists() and any(line.iterdir()), process)
        (run,) = instance.get_runs()
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert close_killed_runs(instance, settings, time.time() + HOUR) == [run.run_id]
        assert not any(settings.living_runs.iterdir())


@pytest.mark.slow
def test_a_run_that_waited_for_too_long_names_who_writes(
    settings: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDP_WRITER_WAIT_SECONDS", "2")
    with writer_lock(settings.writer_lock, "a long import"):
        process = subprocess.run([sys.executable, "-c", RUN], stderr=subprocess.PIPE, text=True, timeout=120)
    assert process.returncode != 0
    assert f"process {os.getpid()} (a long import" in process.stderr
    (run,) = instance.get_runs()
    assert run.status == dg.DagsterRunStatus.FAILURE


@pytest.mark.parametrize(
    ("about", "tables"),
    [
        ({"asset_selection": frozenset({dg.AssetKey(["landing", "crm_contacts"])})}, ["crm_contacts"]),
        ({"asset_selection": frozenset({dg.AssetKey(["staging", "interactions"])})}, []),
        ({"step_keys_to_execute": ["landing__club_members", "release__live"]}, ["club_members"]),
        ({"job_name": "sync_club", "tags": {SOURCE_TAG: "club"}}, ["club_members"]),
        ({"job_name": "a job of somebody else"}, []),
    ],
)
def test_a_run_fetches_only_the_streams_that_it_lands(
    settings: Settings, about: dict[str, object], tables: list[str]
) -> None:
    assert [stream.table for stream in streams_of_run(_run(**about), settings)] == tables


def test_the_main_job_fetches_every_stream(settings: Settings) -> None:
    found = {stream.source for stream in streams_of_run(_run(), settings)}
    assert found == {"club", "crm", "ecommerce", "in_store", "support"}
