"""What an erasure does to each store: tables, releases, files, databases; and a search that finds what is left."""

import gzip
import os
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from small_releases import FIRST, SECOND, make_live

from cdp_orchestration.home.searching import files_with
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.privacy.erasing import finish
from cdp_orchestration.privacy.files import erase_from_files
from cdp_orchestration.privacy.proof import what_is_left
from cdp_orchestration.privacy.releases import erase_from_releases
from cdp_orchestration.privacy.requests import (
    LogEntry,
    Pending,
    RequestIdError,
    begin,
    complete,
    end,
    log,
    pending_erasures,
    read_log,
    require_new,
    together,
)
from cdp_orchestration.privacy.settings import PrivacySettings
from cdp_orchestration.privacy.warehouse import erase_from_warehouse
from cdp_orchestration.release.integrity import damaged_files
from cdp_orchestration.release.reader import open_release

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
ZOE, MAX = "01-zoe", "02-max"
MAIL = "zoe.quast@mail.example"
PENDING = Pending(
    request_id="T-1",
    requested_at="2026-11-29T10:00:00+00:00",
    due_at="2026-12-29T10:00:00+00:00",
    requested_by="ada",
    profile_ids=(ZOE,),
    records=("crm:contact:003zoe0",),
    names=(("email", MAIL),),
    values=(MAIL, "crm:contact:003zoe0", "Zoe Quastenberg"),
    words=("Quastenberg",),
)
COLUMNS = {
    "profiles": {"profile_id": "varchar", "full_name": "varchar"},
    "touchpoints": {
        "touchpoint_id": "varchar", "profile_id": "varchar", "person_record_id": "varchar",
        "source_record_id": "varchar", "amount": "decimal(18, 2)",
    },
    "profile_redirects": {
        "old_profile_id": "varchar", "profile_id": "varchar", "reason": "varchar", "record_share": "double",
        "redirected_at": "timestamp",
    },
    "profile_events": {
        "event_id": "varchar", "event_type": "varchar", "profile_id": "varchar", "cause": "varchar",
        "run_id": "varchar", "occurred_at": "timestamp",
    },
}  # fmt: skip
AT = datetime(2026, 1, 1)  # noqa: DTZ001 - as the contract has it
ROWS = {
    "profiles": [(ZOE, "Zoe Quastenberg"), (MAX, "Max Muster")],
    "touchpoints": [
        ("t1", ZOE, "crm:contact:003zoe0", "o1", "5.00"),
        ("t2", MAX, "crm:contact:003max", "o2", "7.00"),
        ("t3", ZOE, "crm:contact:003zoe0", MAIL, "0.00"),
    ],
    "profile_redirects": [("00-former", ZOE, "merged", 1.0, AT)],
    "profile_events": [("e1", "created", ZOE, "new_records", "run", AT), ("e2", "created", MAX, "new", "run", AT)],
}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    with open_warehouse(settings.warehouse) as connection:
        connection.execute("create schema if not exists profiles")
        connection.execute("create table profiles.history (profile_id varchar, note varchar, emails varchar[])")
        connection.executemany(
            "insert into profiles.history values (?, ?, ?)",
            [(ZOE, "first", []), (MAX, "last", []), (None, "the person", [MAIL.upper()])],
        )
        connection.execute("create schema if not exists operations")
        connection.execute("create table operations.reports (report varchar)")
        connection.execute("insert into operations.reports values ('2 rows fail: crm:contact:003zoe0, crm:contact:1')")
    return settings


def rows(home: Settings, query: str) -> list[tuple[object, ...]]:
    with open_warehouse(home.warehouse) as connection:
        return connection.execute(query).fetchall()


def test_rows_of_the_person_and_keys_in_texts_leave_the_warehouse(home: Settings) -> None:
    assert erase_from_warehouse(home, PENDING) == (2, 3)
    assert rows(home, "select profile_id, note from profiles.history") == [(MAX, "last")]
    assert rows(home, "from operations.reports") == [("2 rows fail: [erased], crm:contact:1",)]
    assert MAIL.encode() not in home.warehouse.read_bytes().lower()
    assert erase_from_warehouse(home, PENDING) == (0, 0)


def test_a_table_that_was_added_later_is_not_forgotten(home: Settings) -> None:
    with open_warehouse(home.warehouse) as connection:
        connection.execute("create table profiles.added_later (whatever varchar, amount integer)")
        connection.execute("insert into profiles.added_later values (?, 1), ('Max', 2)", [MAIL.title()])
    assert "warehouse.duckdb profiles.added_later has 1 rows of them" in map(str, what_is_left(home, PENDING))
    erase_from_warehouse(home, PENDING)
    assert rows(home, "from profiles.added_later") == [("Max", 2)]
    assert what_is_left(home, PENDING) == []


def test_every_release_loses_the_person_and_is_what_its_manifest_says(home: Settings) -> None:
    for release_id in (FIRST, SECOND):
        make_live(home.home, release_id, ROWS, COLUMNS)
    first, second = (home.releases / each / "profiles.parquet" for each in (FIRST, SECOND))
    second.unlink()
    os.link(first, second)
    erase_from_releases(home.releases, PENDING, NOW)
    for release_id in (FIRST, SECOND):
        release = open_release(home.releases / release_id)
        assert damaged_files(release) == []
        assert release.manifest["erased"] == ["T-1"]
        with release.connect() as connection:
            assert connection.execute("from profiles").fetchall() == [(MAX, "Max Muster")]
            # The order stays, its customer does not; what happened to the account itself goes with it
            kept = connection.execute("select touchpoint_id, profile_id, person_record_id, amount from touchpoints")
            assert [(*row[:3], str(row[3])) for row in kept.fetchall()] == [
                ("t1", None, None, "5.00"),
                ("t2", MAX, "crm:contact:003max", "7.00"),
            ]
            redirects = connection.execute("select old_profile_id, profile_id, reason from profile_redirects")
            assert redirects.fetchall() == [("00-former", None, "erased"), (ZOE, None, "erased")]
            events = connection.execute("select event_type, profile_id from profile_events order by all").fetchall()
            assert events == [("created", MAX), ("erased", ZOE)]
    assert erase_from_releases(home.releases, PENDING, NOW) == (0, 0)


def test_a_release_whose_writing_was_killed_is_right_after_it_was_done_again(home: Settings) -> None:
    make_live(home.home, FIRST, ROWS, COLUMNS)
    folder = home.releases / FIRST
    before = (folder / "manifest.json").read_bytes()
    erase_from_releases(home.releases, PENDING, NOW)
    # As a kill of another request leaves it: files are new, the manifest only says that they are being written
    begun = before.replace(b"{", b'{"erasing": "T-0",', 1)
    (folder / "manifest.json").write_bytes(begun)
    assert damaged_files(open_release(folder))
    erase_from_releases(home.releases, PENDING, NOW)
    assert damaged_files(open_release(folder)) == []
    assert pq.read_table(folder / "profile_events.parquet").num_rows == 2
    assert pq.read_table(folder / "profile_redirects.parquet")["old_profile_id"].to_pylist() == ["00-former", ZOE]


def test_a_release_that_was_built_after_an_erasure_says_once_that_the_profile_is_gone(home: Settings) -> None:
    make_live(home.home, FIRST, ROWS, COLUMNS)
    folder = home.releases / FIRST
    manifest = (folder / "manifest.json").read_bytes()
    erase_from_releases(home.releases, PENDING, NOW)
    # A sync goes on from what readers see, and knows nothing of the request
    (folder / "manifest.json").write_bytes(manifest)
    erase_from_releases(home.releases, PENDING, NOW)
    assert pq.read_table(folder / "profile_redirects.parquet")["old_profile_id"].to_pylist() == ["00-former", ZOE]


def test_other_files_lose_the_values(home: Settings) -> None:
    report = home.home / "reports" / "page.html"
    report.parent.mkdir()
    report.write_text(f"<p>{MAIL}</p><p>max@mail.example</p>", encoding="utf-8")
    decisions = home.home / "overrides" / "identity_overrides.csv"
    decisions.parent.mkdir()
    lines = "left,right\ncrm:contact:003zoe0,crm:contact:1\ncrm:contact:2,crm:contact:3\n"
    decisions.write_text(lines, encoding="utf-8")
    broken = home.home / "dagster" / "value.pickle"
    broken.parent.mkdir()
    broken.write_bytes(b"\xff\xfe" + MAIL.encode())
    with closing(sqlite3.connect(home.home / "dagster" / "runs.db")) as database:
        database.execute("create table events (body text, other integer)")
        database.executemany("insert into events values (?, 1)", [(f'{{"row": "{MAIL}"}}' + " " * 10_000,), ("{}",)])
        database.commit()
    assert erase_from_files(home, PENDING) == (4, 4)
    assert report.read_text(encoding="utf-8") == "<p>[erased]</p><p>max@mail.example</p>"
    assert decisions.read_text(encoding="utf-8") == "left,right\ncrm:contact:2,crm:contact:3\n"
    assert not broken.exists()
    assert MAIL.encode() not in (home.home / "dagster" / "runs.db").read_bytes()
    assert erase_from_files(home, PENDING) == (0, 0)


def _events(path: Path, *texts: str) -> sqlite3.Connection:
    """Write events as Dagster does: what is new stands in a log beside the file while a process has it open."""
    path.parent.mkdir(exist_ok=True)
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode = wal")
    database.execute("create table events (body text)")
    database.executemany("insert into events values (?)", [(text,) for text in texts])
    database.commit()
    return database


def _left_in_dagster(home: Settings) -> list[str]:
    return [left.place for left in what_is_left(home, PENDING) if left.place.startswith("dagster/")]


def test_a_database_that_a_killed_run_has_left_loses_the_values_with_its_log(home: Settings) -> None:
    left = home.dagster_home / "runs.db"
    with closing(_events(home.home / "elsewhere.db", f"{MAIL} " * 500, "{}")):
        left.parent.mkdir(exist_ok=True)
        for ending in ("", "-wal", "-shm"):
            left.with_name(left.name + ending).write_bytes((home.home / f"elsewhere.db{ending}").read_bytes())
    (home.home / "elsewhere.db").unlink()
    assert erase_from_files(home, PENDING) == (1, 1)
    assert _left_in_dagster(home) == []
    with closing(sqlite3.connect(left)) as database:
        assert database.execute("select body from events where body = '{}'").fetchall() == [("{}",)]


def test_a_database_that_is_open_elsewhere_keeps_its_log_and_loses_the_values(home: Settings) -> None:
    with closing(_events(home.dagster_home / "runs.db", f"{MAIL} " * 500, "{}")) as daemon:
        erase_from_files(home, PENDING)
        assert _left_in_dagster(home) == []
        daemon.execute("insert into events values ('later')")
        daemon.commit()
        assert [body for (body,) in daemon.execute("select body from events where length(body) < 9")] == ["{}", "later"]


def test_rows_that_a_killed_erasure_has_left_in_free_pages_go_as_well(home: Settings) -> None:
    with closing(_events(home.dagster_home / "runs.db", *[f"{MAIL} " * 500] * 50)) as killed:
        killed.execute("pragma secure_delete = off")
        killed.execute("delete from events")
        killed.commit()
    assert MAIL.encode() in (home.dagster_home / "runs.db").read_bytes()
    erase_from_files(home, PENDING)
    assert MAIL.encode() not in (home.dagster_home / "runs.db").read_bytes()


def test_a_file_that_goes_while_the_home_is_searched_holds_nothing(tmp_path: Path) -> None:
    kept, gone = tmp_path / "a.txt", tmp_path / "b.txt"
    kept.write_text(MAIL, encoding="utf-8")
    assert list(files_with([gone, kept], MAIL)) == [kept]


@pytest.mark.parametrize("name", ["a.csv.gz", "a.zip", "a.txt", "a.parquet", "a.db"])
def test_the_search_finds_a_value_wherever_it_is(tmp_path: Path, name: str) -> None:
    home = Settings(home=tmp_path)
    with open_warehouse(home.warehouse) as connection:
        connection.execute("create table nothing (a integer)")
    assert what_is_left(home, PENDING) == []
    _put(tmp_path / name, f"something {MAIL.upper()}\n")
    assert {each.place for each in what_is_left(home, PENDING)} == {name}


def _put(path: Path, text: str) -> None:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inside.csv", text)
    elif path.suffix == ".parquet":
        duckdb.sql(f"copy (select '{text}' as a) to '{path}' (format parquet, compression zstd)")
    elif path.suffix == ".db":
        with closing(sqlite3.connect(path)) as database:
            database.execute("create table t (a text)")
            # So long that it lies in several pages, on the edge of which the value is
            database.execute("insert into t values (?)", [" " * 4_060 + text + " " * 9_000])
            database.commit()
    else:
        path.write_text(text, encoding="utf-8")


def test_an_erasure_is_pending_until_it_ends_and_its_id_is_used_once(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    begin(home, PENDING)
    assert pending_erasures(home) == [PENDING]
    assert (home.privacy / "pending" / "T-1.json").stat().st_mode & 0o777 == 0o600
    end(home, "T-1")
    assert pending_erasures(home) == []
    log(home, [LogEntry("T-1", "erase", ZOE, "crm", PENDING.requested_at, PENDING.due_at, None, 1, 2, "ada")])
    require_new(home, "T-1")
    complete(home, "T-1", NOW)
    assert read_log(home)[0].completed_at == "2026-11-29T10:00:00+00:00"
    with pytest.raises(RequestIdError, match="T-1 ended at"):
        require_new(home, "T-1")


def test_an_erasure_that_is_pending_keeps_all_that_it_began_with(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    begin(home, PENDING)
    # Of a person who is half gone less is found
    assert begin(home, replace(PENDING, values=(), records=())) == PENDING
    assert pending_erasures(home) == [PENDING]


@pytest.mark.parametrize("request_id", ["../../etc/passwd", "", "a b", "T/1", ".hidden"])
def test_an_id_that_is_no_name_of_a_file_is_refused(tmp_path: Path, request_id: str) -> None:
    with pytest.raises(RequestIdError, match="expected letters"):
        require_new(Settings(home=tmp_path), request_id)


def test_files_of_the_inbox_that_are_only_listed_keep_no_erasure_open(home: Settings) -> None:
    kept = home.inbox / "crm" / "contacts" / "a.csv"
    kept.parent.mkdir(parents=True)
    kept.write_text(f"Id,Email\n1,{MAIL}\n", encoding="utf-8")
    begin(home, PENDING)
    assert finish(home, [PENDING], PrivacySettings(inbox="rewrite", older_releases="rewrite"), NOW)
    assert pending_erasures(home) == [PENDING]
    assert finish(home, [PENDING], PrivacySettings(inbox="list", older_releases="rewrite"), NOW) == []
    assert pending_erasures(home) == []


def test_several_erasures_are_searched_for_as_one() -> None:
    other = replace(PENDING, request_id="T-2", profile_ids=(MAX,), values=("max@mail.example",))
    both = together([PENDING, other])
    assert (both.request_id, both.profile_ids) == ("T-1 T-2", (ZOE, MAX))
    assert {MAIL, "max@mail.example"} <= set(both.values)
