"""Tables by profile that are built bucket by bucket in tasks equal those of one build, also on Spark."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml
from acting_people import DELIVERIES, HISTORIES, STAGES, deliver, make_home
from built_tables import rows_of_tables
from folder_names import ODD_FOLDER

from cdp_orchestration.dbt.bucket_files import bucket_files
from cdp_orchestration.dbt.failure_report import describe_failures
from cdp_orchestration.dbt.project import manifest, models_by_profile, project_arguments
from cdp_orchestration.dbt.runs import build_arguments, run_dbt, run_models
from cdp_orchestration.dbt.spark_buckets import BYTES_PER_PROFILE, Plugin
from cdp_orchestration.home.settings import DBT_PROJECT_DIR, Settings
from cdp_orchestration.home.warehouse import open_warehouse

PROFILES_OF_A_TASK = 12
BY_PROFILE = ["path:models/profiles/by_profile", "path:models/journeys/by_profile"]
RECTIFIED = """
    insert into operations.rectified_values
    select 'crm:contact:' || n, 'city', 'Town ' || n, timestamp '2026-03-01', 'said so'
    from range(0, 60, 7) as numbers (n)
"""
# What a rectified date of birth cannot be; no other value of the rows has this word
WRONG = "insert into operations.rectified_values values ('crm:contact:41', 'date_of_birth', 'Quagmire', now(), 'typed')"


class _ThisProcess:
    """What the plugin asks of a session of Spark, done here: a batch of one number after another."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    def range(self, start: int, end: int, step: int, partitions: int) -> "_Numbers":
        assert partitions == end - start
        self.counts.append(partitions)
        return _Numbers([pa.RecordBatch.from_pydict({"id": [number]}) for number in range(start, end, step)])


@dataclass
class _Numbers:
    batches: list[pa.RecordBatch]

    def mapInArrow(self, work: Callable[..., Iterator[pa.RecordBatch]], schema: str) -> "_Numbers":  # noqa: N802
        return _Numbers([made for batch in self.batches for made in work(iter([batch]))])

    def toArrow(self) -> pa.Table:  # noqa: N802
        return pa.Table.from_batches(self.batches)


_SPARK = pytest.param(
    "spark",
    marks=[
        pytest.mark.spark,
        pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17, and there is no java"),
    ],
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[str, list[str]]]:
    """A home to which everything was delivered, built at once, and its tables."""
    settings = make_home(tmp_path_factory.mktemp("built") / "home", stages=())
    deliver(settings, *DELIVERIES)
    with open_warehouse(settings.warehouse) as connection:
        connection.execute(RECTIFIED)
    run_models(settings.home, STAGES, full_refresh=True)
    return settings, _tables(settings)


@pytest.fixture
def home(built: tuple[Settings, dict[str, list[str]]], tmp_path: Path) -> Settings:
    return Settings(shutil.copytree(built[0].home, tmp_path / ODD_FOLDER))


@pytest.fixture(params=["this process", _SPARK])
def tasks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Tasks of twelve profiles, run by Spark or, where that is not meant, here; None of those that Spark has run."""
    monkeypatch.setenv("CDP_ENGINE", "spark")
    monkeypatch.setenv("CDP_ENGINE_MEMORY", str(PROFILES_OF_A_TASK * BYTES_PER_PROFILE / (1 << 30)))
    if request.param == "spark":
        pytest.importorskip("pyspark", reason="the extra [spark] is not installed: make setup-spark")
        monkeypatch.setenv("CDP_SPARK_MASTER", "local[2]")
        return None
    found = _ThisProcess()
    monkeypatch.setattr("cdp_orchestration.dbt.spark_buckets.spark_session", lambda _: found)
    return found


def _tables(settings: Settings) -> dict[str, list[str]]:
    names = {f"{node['schema']}.{name}" for name, node in models_by_profile(manifest()).items()}
    found = rows_of_tables(settings.warehouse, ("profiles", "journeys"), without=HISTORIES)
    assert names <= set(found)
    return {name: found[name] for name in names}


@pytest.mark.slow
def test_tasks_make_the_tables_of_one_build(
    built: tuple[Settings, dict[str, list[str]]], home: Settings, tasks: _ThisProcess | None
) -> None:
    run_models(home.home, BY_PROFILE, full_refresh=True)

    assert _tables(home) == built[1]
    assert tasks is None or (len(tasks.counts) == len(built[1]) and set(tasks.counts) == {4})  # 3, and one without
    assert not bucket_files(home.home).exists()


@pytest.mark.slow
def test_a_query_that_fails_in_a_task_fails_its_model_without_a_value(
    home: Settings, tasks: _ThisProcess | None, capfd: pytest.CaptureFixture[str]
) -> None:
    with open_warehouse(home.warehouse) as connection:
        connection.execute(WRONG)
    chosen = [node for name, node in models_by_profile(manifest()).items() if name.endswith(("attributes", "values"))]
    views = [node for node in manifest()["nodes"].values() if node["name"] in {"int_rectified_profiles"}]

    run = run_dbt(build_arguments([*views, *chosen], home.home / "target", "code", full_refresh=True), home.home)

    assert [failed.name for failed in run.failed] == ["int_golden_values"]
    with open_warehouse(home.warehouse) as connection:
        (line,) = describe_failures(connection, manifest(), run.failed)
    assert line.startswith(
        "model int_golden_values could not be built: Conversion Error: a text cannot be converted to"
    )
    said = capfd.readouterr()
    assert "Quagmire" not in line + said.out + said.err
    assert not bucket_files(home.home).exists()


@pytest.mark.slow
def test_a_table_keeps_its_rows_when_a_task_fails(home: Settings, tasks: _ThisProcess | None) -> None:
    before = _tables(home)["profiles.int_golden_values"]
    with open_warehouse(home.warehouse) as connection:
        connection.execute("update profiles.profile_attributes set value = 'Quagmire' where attribute = 'city'")
        connection.execute(
            "update profiles.profile_attributes set attribute = 'date_of_birth' where attribute = 'city'"
        )
    node = models_by_profile(manifest())["int_golden_values"]

    run = run_dbt(build_arguments([node], home.home / "target", "code", full_refresh=True), home.home)

    assert len(run.failed) == 1
    assert _tables(home)["profiles.int_golden_values"] == before


def test_the_profiles_of_a_task_follow_its_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDP_ENGINE_MEMORY", str(1000 * BYTES_PER_PROFILE / (1 << 30)))
    plugin = Plugin("spark_buckets", {}, SimpleNamespace(path=str(tmp_path / "warehouse.duckdb")))
    with duckdb.connect() as cursor:
        plugin.configure_cursor(cursor)
        found = cursor.execute("select getvariable('profiles_per_task'), getvariable('bucket_files')").fetchall()
    assert found == [(1000, str(bucket_files(tmp_path)))]


def test_the_plugin_is_loaded_with_the_engine_spark_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    targets = yaml.safe_load((DBT_PROJECT_DIR / "profiles.yml").read_text(encoding="utf-8"))["warehouse"]
    with_plugins = {name for name, target in targets["outputs"].items() if target.get("plugins")}
    assert targets["target"] not in with_plugins
    assert "--target" not in project_arguments()
    monkeypatch.setenv("CDP_ENGINE", "spark")
    assert with_plugins == {project_arguments()[project_arguments().index("--target") + 1]}
    assert json.dumps(targets["outputs"]["spark"]["settings"]) == json.dumps(targets["outputs"]["embedded"]["settings"])
