"""Which engine resolves all records, and that each leaves the tables of the others."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.engine_settings import EngineSettings
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.engine_choice import chosen_engine, remove_steps
from identity import LoopEngine
from identity.partitioned.loop_engine import BYTES_PER_RECORD

GIB = 1 << 30


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"memory_limit": "2GiB"})
    connection.execute("create table people as select * from range(1000)")
    return connection


def _settings(home: Path, **engine: Any) -> Settings:
    return Settings(home, engine=EngineSettings(**engine))


def test_records_that_fit_in_memory_are_resolved_there(warehouse, tmp_path):
    assert chosen_engine(warehouse, _settings(tmp_path), "people") is None


def test_records_beyond_the_memory_are_resolved_in_a_loop(warehouse, tmp_path):
    engine = chosen_engine(warehouse, _settings(tmp_path, memory_gib=500 * BYTES_PER_RECORD / GIB), "people")
    assert isinstance(engine, LoopEngine)
    assert engine.records_per_partition == 500


def test_without_another_limit_a_resolution_takes_half_of_what_duckdb_may_take(warehouse, tmp_path):
    engine = chosen_engine(warehouse, _settings(tmp_path, name="loop"), "people")
    assert isinstance(engine, LoopEngine)
    assert engine.memory == GIB


def test_the_engine_that_is_named_is_taken_whatever_fits(warehouse, tmp_path):
    small = 500 * BYTES_PER_RECORD / GIB
    assert chosen_engine(warehouse, _settings(tmp_path, name="memory", memory_gib=small), "people") is None
    assert isinstance(chosen_engine(warehouse, _settings(tmp_path, name="loop"), "people"), LoopEngine)


def test_an_engine_that_does_not_exist_is_refused(monkeypatch):
    monkeypatch.setenv("CDP_ENGINE", "flink")
    with pytest.raises(SettingsError, match="CDP_ENGINE is 'flink'; expected memory or loop or spark"):
        Settings.from_environment()


def test_the_environment_names_engine_memory_and_master(monkeypatch):
    monkeypatch.setenv("CDP_ENGINE", "spark")
    monkeypatch.setenv("CDP_ENGINE_MEMORY", "3.5")
    monkeypatch.setenv("CDP_SPARK_MASTER", "spark://host:7077")
    assert Settings.from_environment().engine == EngineSettings("spark", 3.5, "spark://host:7077")


def test_steps_that_a_killed_run_left_are_removed(tmp_path):
    settings = replace(_settings(tmp_path), company_name=None)
    left = settings.identity_steps / "identity" / "records" / "part-00000.parquet"
    left.parent.mkdir(parents=True)
    left.touch()
    remove_steps(settings)
    assert not settings.identity_steps.exists()
    remove_steps(settings)
