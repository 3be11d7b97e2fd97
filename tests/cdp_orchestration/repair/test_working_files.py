"""Files that no table depends on are put aside where they are damaged, and the commands say so in one line."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cdp_orchestration.benchmark.faults.damages import cut, flip
from cdp_orchestration.dagster.instance import prepare_instance
from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.disk_faults import disk_fault
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.repair.working_files import repair_working_files


def _database(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("create table rows (number integer primary key, text text)")
        connection.executemany("insert into rows (text) values (?)", [("a" * 500,)] * 100)
    return file


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with each of the files, all whole."""
    for variable in ("CDP_HOME", "DAGSTER_HOME"):  # set by the preparation of Dagster's storage
        monkeypatch.setenv(variable, str(tmp_path))
    settings = Settings(tmp_path)
    for file in ("notifications.sqlite", "dagster/history/runs.db", "dagster/schedules/schedules.db"):
        _database(tmp_path / file)
    (tmp_path / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    suites = tmp_path / "gx" / "expectations"
    suites.mkdir(parents=True)
    (tmp_path / "gx" / "great_expectations.yml").write_text("stores: {}\n", encoding="utf-8")
    (suites / "landing.json").write_text('{"name": "landing"}', encoding="utf-8")
    return settings


def _overwrite(file: Path) -> None:
    file.write_bytes(b"\xff\xfe" * 40)


def test_a_home_whose_files_are_whole_has_nothing_to_repair(settings: Settings) -> None:
    assert list(repair_working_files(settings)) == []


@pytest.mark.parametrize("damage", [cut, flip, _overwrite])
@pytest.mark.parametrize("file", ["notifications.sqlite", "dagster/history/runs.db", "dagster/schedules/schedules.db"])
def test_a_database_that_is_damaged_is_put_aside(settings: Settings, file: str, damage: Callable[[Path], None]) -> None:
    path = settings.home / file
    damage(path)
    damaged = path.read_bytes()
    with closing(sqlite3.connect(path)) as connection:
        opens = True
        try:
            opens = connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        except sqlite3.DatabaseError as error:
            opens = False
            said = disk_fault(error, settings.home)
            assert said is not None
            assert "`cdp repair`" in said
    repairs = list(repair_working_files(settings))
    assert [each.what for each in repairs] == ([] if opens else [file])
    if not opens:
        assert not path.exists()
        assert path.with_name(f"{path.name}.damaged").read_bytes() == damaged
    if not opens and "schedules" in file:
        assert "start schedules and sensors again" in repairs[0].done


@pytest.mark.parametrize("content", [b"\xff\xfe", b"telemetry: {", b"", b"- a list"])
def test_settings_of_dagster_that_cannot_be_read_are_named_and_put_aside(settings: Settings, content: bytes) -> None:
    configuration = settings.dagster_home / "dagster.yaml"
    configuration.write_bytes(content)
    with pytest.raises(SettingsError, match=r"dagster.yaml cannot be read.*`cdp repair`"):
        prepare_instance(settings)
    assert [each.what for each in repair_working_files(settings)] == ["dagster.yaml"]
    prepare_instance(settings)
    assert "telemetry" in configuration.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", ["great_expectations.yml", "expectations/landing.json"])
def test_a_project_of_great_expectations_that_cannot_be_read_is_put_aside(settings: Settings, file: str) -> None:
    (settings.home / "gx" / file).write_bytes(b"{\xff")
    assert [each.what for each in repair_working_files(settings)] == ["gx"]
    assert (settings.home / "gx.damaged" / file).exists()
    assert list(repair_working_files(settings)) == []
