"""A stream is tried with some of its rows: what landing would say of them, with nothing written into the home."""

import os
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.trial import NothingToTryError, Trial, try_stream
from cdp_orchestration.sources import declared_stream
from cdp_orchestration.terminal.cli import app

GYM = """
source: gym
streams:
  visits:
    key: [visit]
    fields: {visit: identifier, guest: text, minutes: integer, mail: text}
    person: {record_type: guest, full_name: guest, emails: mail}
"""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    declare(Settings(home=tmp_path / "home"))
    return Settings(home=tmp_path / "home")


def declare(settings: Settings, further: str = "") -> None:
    settings.own_sources.mkdir(parents=True, exist_ok=True)
    (settings.own_sources / "gym.yml").write_text(GYM + further, encoding="utf-8")


def deliver(settings: Settings, name: str, text: str, age: int = 0) -> None:
    path = settings.inbox / "gym" / "visits" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1_790_000_000 - age, 1_790_000_000 - age))


def tried(settings: Settings) -> Trial:
    return try_stream(declared_stream("gym/visits", settings), settings)


def files_of(settings: Settings) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in settings.home.rglob("*")}


def check(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setenv("CDP_HOME", str(settings.home))
    return CliRunner().invoke(app, ["source", "check", "gym/visits"], terminal_width=200)


def test_a_refusal_names_the_field_also_where_the_whole_file_is_refused(home, monkeypatch):
    text = GYM.replace("key: [visit]", "key: [visit]\n    cursor: at").replace("visit: id", "at: timestamp, visit: id")
    (home.own_sources / "gym.yml").write_text(text, encoding="utf-8")
    deliver(home, "a.csv", "visit,at\n1,1790000000\n2,1790000000\n")

    ((field, reason, count, _),) = tried(home).refused

    assert (field, reason, count) == ("at", "retyped_required_column", 1)
    assert "at " in check(home, monkeypatch).stdout


def test_the_newest_file_of_the_inbox_is_tried_and_the_home_stays_as_it_is(home):
    deliver(home, "b.csv", "visit,guest,minutes\n1,Ada,5\n", age=60)
    deliver(home, "a.csv", "visit,guest,minutes,shoe\n7,Eve,40,x\n8,Max,long,\n,Jo,3,\n9,Kim,1,\n")
    before = files_of(home)

    found = tried(home)

    assert (found.rows_read, found.landed.rows_landed, found.landed.rows_refused) == (4, 2, 2)
    assert found.landed.refused_by_reason == {"missing_required_value": 1, "not_an_integer": 1}
    assert found.landed.undeclared_columns == ("shoe",)
    assert (found.missing_columns, found.unread_parts) == (("mail",), ("person.emails",))
    assert files_of(home) == before


def test_a_sample_of_a_database_is_tried(home, tmp_path):
    with sqlite3.connect(tmp_path / "gym.db") as database:
        database.execute("create table visits (visit text, guest text, minutes text, mail text)")
        database.executemany("insert into visits values (?, 'Ada', ?, null)", [("1", "3"), ("2", "x")])
    declare(home, f"    from: {{kind: sqlite, path: {tmp_path / 'gym.db'}, table: visits}}\n")
    before = files_of(home)

    found = tried(home)

    assert (found.rows_read, found.landed.rows_landed) == (2, 1)
    assert found.empty_fields == ("mail",)
    assert files_of(home) == before


def test_the_newest_file_of_a_folder_elsewhere_is_tried(home, tmp_path):
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "1.csv").write_text("visit,guest\n1,Ada\n")
    (exports / "2.csv").write_text("visit,guest\n1,Ada\n2,Bo\n")
    os.utime(exports / "1.csv", (1_700_000_000, 1_700_000_000))
    declare(home, f"    from: {{kind: files, path: '{exports}/*.csv'}}\n")

    assert tried(home).landed.rows_landed == 2


@pytest.mark.parametrize(
    ("further", "error"),
    [("", NothingToTryError), ("    from: {kind: files, path: /not/there/}\n", FetchError)],
)
def test_a_stream_without_rows_says_where_they_should_be(home, further, error):
    declare(home, further)
    with pytest.raises(error):
        tried(home)
    assert not home.inbox.exists()


def test_the_command_names_what_was_refused_and_shows_no_value(home, monkeypatch):
    deliver(home, "a.csv", "visit,guest,minutes,mail\n1,Evelyn,long,e@example.org\n2,Bo,3,\n")

    answer = check(home, monkeypatch)

    assert answer.exit_code == 0
    assert "not_an_integer" in answer.output
    assert "Evelyn" not in answer.output


def test_the_command_fails_where_no_row_can_land(home, monkeypatch):
    deliver(home, "a.csv", "number,guest\n1,Ada\n")

    answer = check(home, monkeypatch)

    assert answer.exit_code == 1
    assert "missing_required_column" in answer.output
