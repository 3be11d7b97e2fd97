"""Releases become live in one step, never change, and are never visible in part."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from cdp_orchestration.errors import DamagedReleaseError, NoReleaseError
from cdp_orchestration.release.bundle import (
    PublishedTable,
    file_sha256,
    new_release_id,
    same_content,
    write_candidate,
)
from cdp_orchestration.release.kept import kept_releases
from cdp_orchestration.release.pointer import current_release_id, is_linked
from cdp_orchestration.release.publication import (
    candidate_folder,
    publish,
    release_ids,
    remove_unpublished,
)
from cdp_orchestration.release.reader import live_release, require_live_release

PEOPLE = PublishedTable(
    name="people",
    relation="profiles.people",
    description="One row per person.",
    columns=(
        {"name": "person_id", "type": "varchar", "description": "Key.", "classification": "none"},
        {"name": "name", "type": "varchar", "description": "Name.", "classification": "personal"},
    ),
)


def _people(*rows: tuple[str, str]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema profiles")
    connection.execute("create table profiles.people (person_id varchar, name varchar)")
    connection.executemany("insert into profiles.people values (?, ?)", list(rows))
    return connection


def _publish(releases: Path, *rows: tuple[str, str], second: int = 0) -> Path:
    now = datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)
    release_id = new_release_id(now)
    about = {
        "release_id": release_id,
        "created_at": now.isoformat(),
        "previous_release_id": current_release_id(releases),
    }
    manifest = write_candidate(_people(*rows), candidate_folder(releases, release_id), [PEOPLE], about)
    return publish(releases, manifest, now)


def test_a_reader_with_the_old_release_open_keeps_reading_it(tmp_path: Path) -> None:
    old = _publish(tmp_path, ("p1", "Ada"))
    with duckdb.connect(str(old / "cdp.duckdb"), read_only=True) as reader:
        _publish(tmp_path, ("p1", "Ada"), ("p2", "Bo"), second=1)
        assert reader.execute("select count(*) from people").fetchall() == [(1,)]
    live = require_live_release(tmp_path)
    assert live.folder != old
    assert live.connect().execute("select count(*) from people").fetchall() == [(2,)]


def test_a_link_names_the_live_release_and_its_views_stay_those_of_the_release_that_was_opened(tmp_path: Path) -> None:
    first = _publish(tmp_path, ("p1", "Ada"))
    assert is_linked(tmp_path, first.name)
    with duckdb.connect(str(tmp_path / "current" / "cdp.duckdb"), read_only=True) as reader:
        second = _publish(tmp_path, ("p1", "Ada"), ("p2", "Bo"), second=1)
        assert is_linked(tmp_path, second.name)
        assert reader.execute("select count(*) from people").fetchall() == [(1,)]
    assert pl.read_parquet(tmp_path / "current" / "people.parquet").height == 2


def test_files_that_a_copy_put_in_the_place_of_the_link_give_way_to_it(tmp_path: Path) -> None:
    first = _publish(tmp_path, ("p1", "Ada"))
    (tmp_path / "current").unlink()
    shutil.copytree(first, tmp_path / "current")
    second = _publish(tmp_path, ("p1", "Ada"), ("p2", "Bo"), second=1)
    assert is_linked(tmp_path, second.name)
    assert len(remove_unpublished(tmp_path)) == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == [first.name, second.name, "CURRENT.json", "current"]


@pytest.mark.parametrize("opened", ["current", "the folder itself"])
@pytest.mark.parametrize("is_copied", [True, False])
def test_a_copied_or_moved_home_reads_itself_and_never_the_home_it_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: str, is_copied: bool
) -> None:
    old, new = tmp_path / "old" / "releases", tmp_path / "it's new" / "releases"
    folder = _publish(old, ("p1", "Ada"))
    shutil.copytree(old, new, symlinks=True)
    if not is_copied:
        shutil.rmtree(old)
    _people(("p9", "Zoe")).execute(f"copy profiles.people to '{tmp_path}/changed.parquet'")
    shutil.copy(tmp_path / "changed.parquet", new / folder.name / "people.parquet")
    monkeypatch.chdir("/")
    name = folder.name if opened == "the folder itself" else opened
    with duckdb.connect(str(new / name / "cdp.duckdb"), read_only=True) as reader:
        assert reader.execute("select name from people").fetchall() == [("Zoe",)]


def test_an_attached_database_needs_the_folder_of_the_releases(tmp_path: Path) -> None:
    folder = _publish(tmp_path, ("p1", "Ada"))
    with duckdb.connect() as reader:
        reader.execute(f"attach '{folder}/cdp.duckdb' as cdp (read_only)")
        with pytest.raises(duckdb.IOException, match=f"No files found.*{folder.name}/people.parquet"):
            reader.execute("select * from cdp.people")
        reader.execute(f"set file_search_path = '{tmp_path}'")
        assert reader.execute("select name from cdp.people").fetchall() == [("Ada",)]


def test_a_release_opens_with_duckdb_pandas_and_polars(tmp_path: Path) -> None:
    folder = _publish(tmp_path, ("p2", "Bo"), ("p1", "Ada"))
    with duckdb.connect(str(folder / "cdp.duckdb"), read_only=True) as reader:
        assert reader.execute("select name from people").fetchall() == [("Ada",), ("Bo",)]
    assert pd.read_parquet(folder / "people.parquet")["name"].tolist() == ["Ada", "Bo"]
    assert pl.read_parquet(folder / "people.parquet")["name"].to_list() == ["Ada", "Bo"]


def test_a_table_with_a_key_is_sorted_by_it_and_any_other_by_all_its_columns(tmp_path: Path) -> None:
    rows = _people(("p1", "Cy"), ("p3", "Ada"), ("p2", "Bo"))
    by_name = replace(PEOPLE, name="by_name", key=("name",))
    write_candidate(rows, tmp_path / "candidate", [PEOPLE, by_name], {})
    assert pl.read_parquet(tmp_path / "candidate" / "people.parquet")["person_id"].to_list() == ["p1", "p2", "p3"]
    assert pl.read_parquet(tmp_path / "candidate" / "by_name.parquet")["name"].to_list() == ["Ada", "Bo", "Cy"]


def test_the_manifest_holds_rows_hash_and_meaning_of_every_table(tmp_path: Path) -> None:
    folder = _publish(tmp_path, ("p1", "Ada"))
    entry = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["tables"]["people"]
    assert entry["rows"] == 1
    assert entry["sha256"] == file_sha256(folder / "people.parquet")
    assert entry["columns"][1]["classification"] == "personal"


def test_equal_rows_in_another_order_are_the_same_content(tmp_path: Path) -> None:
    first = _publish(tmp_path, ("p1", "Ada"), ("p2", "Bo"))
    second = _publish(tmp_path, ("p2", "Bo"), ("p1", "Ada"), second=1)
    third = _publish(tmp_path, ("p2", "Bo"), second=2)
    manifests = [json.loads((folder / "manifest.json").read_text()) for folder in (first, second, third)]
    assert same_content(manifests[0], manifests[1])
    assert not same_content(manifests[0], manifests[2])


def test_leftovers_of_a_killed_run_are_removed_and_live_releases_stay(tmp_path: Path) -> None:
    first = _publish(tmp_path, ("p1", "Ada"))
    second = _publish(tmp_path, ("p1", "Ada"), ("p2", "Bo"), second=1)
    half_written = candidate_folder(tmp_path, "20260101T000002Z-aaaaaa")
    half_written.mkdir()
    renamed_only = tmp_path / "20260101T000003Z-bbbbbb"
    renamed_only.mkdir()
    (renamed_only / "manifest.json").write_text(json.dumps({"previous_release_id": second.name}), encoding="utf-8")
    assert remove_unpublished(tmp_path) == [half_written.name, renamed_only.name]
    assert [each.release_id for each in kept_releases(tmp_path)] == [second.name, first.name]


def test_a_clock_that_is_set_back_makes_no_older_id_and_removes_no_release(tmp_path: Path) -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    wrong = new_release_id(late)
    assert wrong < new_release_id(early, wrong) < new_release_id(late + timedelta(days=1), wrong)
    assert new_release_id(late, new_release_id(early)).startswith("20270101T000000Z-")

    first = _publish(tmp_path, ("p1", "Ada"), second=30)
    second = _publish(tmp_path, ("p1", "Ada"), ("p2", "Bo"), second=1)
    assert second.name < first.name
    (tmp_path / "kept by a person").mkdir()
    assert release_ids(tmp_path)[0] == first.name
    assert remove_unpublished(tmp_path) == []
    assert [each.release_id for each in kept_releases(tmp_path)] == [second.name, first.name]


def test_a_release_that_was_live_stays_where_an_older_one_is_live_again(tmp_path: Path) -> None:
    first = _publish(tmp_path, ("p1", "Ada"))
    second = _publish(tmp_path, ("p1", "Ada"), ("p2", "Bo"), second=1)
    pointer = json.loads((tmp_path / "CURRENT.json").read_text(encoding="utf-8"))
    assert pointer["former"] == [first.name]
    pointer = {"release_id": first.name, "former": [first.name, second.name]}
    (tmp_path / "CURRENT.json").write_text(json.dumps(pointer), encoding="utf-8")
    assert remove_unpublished(tmp_path) == []


@pytest.mark.parametrize(
    "written", ["", "{", "[]", "7", "\x00", '{"release_id": null}', '{"release_id": "../elsewhere"}']
)
def test_a_damaged_pointer_is_one_clear_error(tmp_path: Path, written: str) -> None:
    _publish(tmp_path, ("p1", "Ada"))
    (tmp_path / "CURRENT.json").write_text(written, encoding="utf-8")
    with pytest.raises(DamagedReleaseError, match=r"CURRENT\.json does not name a release; expected"):
        live_release(tmp_path)


@pytest.mark.parametrize("written", [None, "", "{", "[]", '{"release_id": "x"}', '{"tables": []}'])
def test_a_damaged_manifest_is_one_clear_error(tmp_path: Path, written: str | None) -> None:
    manifest = _publish(tmp_path, ("p1", "Ada")) / "manifest.json"
    manifest.unlink() if written is None else manifest.write_text(written, encoding="utf-8")
    with pytest.raises(DamagedReleaseError, match=r"manifest\.json .*`cdp repair`"):
        live_release(tmp_path)


def test_a_lost_pointer_loses_no_release(tmp_path: Path) -> None:
    folder = _publish(tmp_path, ("p1", "Ada"))
    (tmp_path / "CURRENT.json").unlink()
    assert remove_unpublished(tmp_path) == []
    assert folder.exists()
    assert live_release(tmp_path) is None


def test_without_a_release_the_error_says_how_to_create_one(tmp_path: Path) -> None:
    with pytest.raises(NoReleaseError, match="cdp demo"):
        require_live_release(tmp_path)
