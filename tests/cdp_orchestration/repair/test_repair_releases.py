"""A damaged release is written again with the very content that was published, or the newest whole one is live."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.storage.ledger import create_ledger
from cdp_orchestration.release.bundle import PublishedTable, new_release_id, write_candidate
from cdp_orchestration.release.integrity import damaged_files
from cdp_orchestration.release.kept import kept_releases
from cdp_orchestration.release.pointer import current_release_id
from cdp_orchestration.release.publication import candidate_folder, publish, release_ids
from cdp_orchestration.release.reader import live_release, require_live_release
from cdp_orchestration.release.times import published_type
from cdp_orchestration.repair.releases import repair_releases
from cdp_orchestration.stages.chain import unlinked_chain
from cdp_orchestration.stages.publications import record_publication

COLUMN = {"name": "profile_id", "type": "varchar", "description": "Key.", "classification": "none"}
PEOPLE = PublishedTable("people", "profiles.people", "One row per person.", (COLUMN,), ("profile_id",))
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema profiles")
        connection.execute("create table profiles.people as select 'p1' as profile_id")
        yield connection


@pytest.fixture
def releases(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> Path:
    """Two releases: the first without p2, the live one with it."""
    folder_of_all = Settings(tmp_path).releases
    for second, row in enumerate(["p1", "p2"]):
        now = datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)
        if row == "p2":
            warehouse.execute("insert into profiles.people values ('p2')")
        about = {"release_id": new_release_id(now), "previous_release_id": current_release_id(folder_of_all)}
        folder = candidate_folder(folder_of_all, str(about["release_id"]))
        publish(folder_of_all, write_candidate(warehouse, folder, [PEOPLE], about), now)
    return folder_of_all


def _repaired(warehouse: duckdb.DuckDBPyConnection, releases: Path) -> list[str]:
    repairs = repair_releases(warehouse, Settings(releases.parent), [PEOPLE], {"people"}, NOW)
    return [f"{each.what}: {each.found}; {each.done}" for each in repairs]


def _people(releases: Path) -> list[str]:
    with require_live_release(releases).connect() as connection:
        return [row[0] for row in connection.execute("from people").fetchall()]


def test_a_home_without_damage_is_left_as_it_is(warehouse: duckdb.DuckDBPyConnection, releases: Path) -> None:
    before = {path: path.read_bytes() for path in releases.rglob("*") if path.is_file()}
    assert _repaired(warehouse, releases) == []
    assert {path: path.read_bytes() for path in releases.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("content", [None, b"", b"overwritten"])
def test_a_damaged_file_is_written_again_from_the_warehouse(
    warehouse: duckdb.DuckDBPyConnection, releases: Path, content: bytes | None
) -> None:
    live = require_live_release(releases)
    file = live.folder / "people.parquet"
    whole = file.read_bytes()
    file.unlink() if content is None else file.write_bytes(content)
    (line,) = _repaired(warehouse, releases)
    assert line.endswith("written again from the warehouse")
    assert file.read_bytes() == whole
    assert [path.name for path in live.folder.glob("*.tmp")] == []


def test_a_damaged_file_of_an_earlier_version_is_written_again_with_the_types_that_it_had(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    warehouse.execute("alter table profiles.people add column seen_at timestamp default timestamp '2026-01-01 12:00'")
    seen = {"name": "seen_at", "type": "timestamp", "description": "When."}
    then, now = (
        replace(PEOPLE, columns=(COLUMN, seen | {"type": kind})) for kind in ("timestamp", published_type("timestamp"))
    )
    releases, release_id = tmp_path / "releases", "20260101T000000Z-00000a"
    candidate = candidate_folder(releases, release_id)
    publish(releases, write_candidate(warehouse, candidate, [then], {"release_id": release_id}), NOW)
    file = require_live_release(releases).folder / "people.parquet"
    whole = file.read_bytes()
    file.unlink()
    (line,) = (each.done for each in repair_releases(warehouse, Settings(tmp_path), [now], {"people"}, NOW))
    assert line == "written again from the warehouse"
    assert file.read_bytes() == whole


def test_where_the_warehouse_has_gone_on_the_newest_whole_release_is_live(
    warehouse: duckdb.DuckDBPyConnection, releases: Path
) -> None:
    damaged = require_live_release(releases)
    (damaged.folder / "people.parquet").write_bytes(b"overwritten")
    warehouse.execute("insert into profiles.people values ('p3')")
    (line,) = _repaired(warehouse, releases)
    assert "people.parquet has 11 bytes" in line
    assert _people(releases) == ["p1"]
    assert damaged.folder.exists()
    assert damaged_files(damaged) != []


@pytest.mark.parametrize("pointer", [None, "", "{", '{"release_id": "19990101T000000Z-000000"}'])
def test_a_pointer_that_names_no_release_names_the_newest_again(
    warehouse: duckdb.DuckDBPyConnection, releases: Path, pointer: str | None
) -> None:
    file = releases / "CURRENT.json"
    file.unlink() if pointer is None else file.write_text(pointer, encoding="utf-8")
    (line,) = _repaired(warehouse, releases)
    assert line.startswith("CURRENT.json: ")
    assert _people(releases) == ["p1", "p2"]
    assert json.loads(file.read_text(encoding="utf-8"))["former"] == release_ids(releases)[1:]


@pytest.mark.parametrize("content", [None, "{", '{"release_id": "x", "tables": {}}'])
def test_a_manifest_comes_back_from_its_copy(
    warehouse: duckdb.DuckDBPyConnection, releases: Path, content: str | None
) -> None:
    file = require_live_release(releases).folder / "manifest.json"
    whole = file.read_bytes()
    file.unlink() if content is None else file.write_text(content, encoding="utf-8")
    (line,) = _repaired(warehouse, releases)
    assert line.endswith("written again from .manifest.json")
    assert file.read_bytes() == whole
    assert _repaired(warehouse, releases) == []


def test_a_damaged_copy_of_a_manifest_is_written_again(warehouse: duckdb.DuckDBPyConnection, releases: Path) -> None:
    copy = require_live_release(releases).folder / ".manifest.json"
    whole = copy.read_bytes()
    copy.write_bytes(whole[:-9])
    (line,) = _repaired(warehouse, releases)
    assert line.endswith("written again from manifest.json")
    assert copy.read_bytes() == whole


def test_a_release_without_its_manifest_gives_way_to_the_one_before(
    warehouse: duckdb.DuckDBPyConnection, releases: Path
) -> None:
    for manifest in require_live_release(releases).folder.glob("*manifest.json"):
        manifest.unlink()
    (line,) = _repaired(warehouse, releases)
    assert "which cannot be opened" in line
    assert _people(releases) == ["p1"]


def test_without_a_whole_release_nothing_is_claimed(warehouse: duckdb.DuckDBPyConnection, releases: Path) -> None:
    for manifest in releases.rglob("*manifest.json"):
        manifest.unlink()
    repairs = list(repair_releases(warehouse, Settings(releases.parent), [PEOPLE], {"people"}, NOW))
    assert [each.is_mended for each in repairs] == [False]
    assert "no release is whole: restore" in repairs[0].done


def test_a_damaged_file_that_the_next_sync_builds_anew_moves_no_pointer(
    warehouse: duckdb.DuckDBPyConnection, releases: Path
) -> None:
    live = require_live_release(releases)
    (live.folder / "people.parquet").write_bytes(b"overwritten")
    warehouse.execute("drop table profiles.people")
    (repair,) = repair_releases(warehouse, Settings(releases.parent), [PEOPLE], set(), NOW)
    assert "until `cdp sync` publishes anew" in repair.done
    assert require_live_release(releases).release_id == live.release_id


@pytest.mark.parametrize("content", [None, b"no database"])
def test_the_views_of_a_release_are_written_again(
    warehouse: duckdb.DuckDBPyConnection, releases: Path, content: bytes | None
) -> None:
    views = require_live_release(releases).folder / "cdp.duckdb"
    views.unlink() if content is None else views.write_bytes(content)
    (line,) = _repaired(warehouse, releases)
    assert "cdp.duckdb: is missing" in line or "cdp.duckdb: cannot be opened" in line
    with duckdb.connect(str(views), read_only=True) as reader:
        assert reader.execute("select count(*) from people").fetchall() == [(2,)]


def test_a_home_that_never_published_has_nothing_to_repair(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert _repaired(warehouse, tmp_path / "releases") == []
    assert live_release(tmp_path / "releases") is None


@pytest.fixture
def published_warehouse(warehouse: duckdb.DuckDBPyConnection, releases: Path) -> duckdb.DuckDBPyConnection:
    """The warehouse as a sync leaves it: it holds what was published last."""
    warehouse.execute("create schema identity; create schema operations")
    warehouse.execute("create table identity.match_edges as select 'm1' as model_version")
    create_ledger(warehouse)
    live = require_live_release(releases).release_id
    record_publication(warehouse, unlinked_chain(warehouse), live, "a run", "sync")
    return warehouse


def test_all_releases_come_back_from_a_warehouse_that_holds_what_was_published(
    published_warehouse: duckdb.DuckDBPyConnection, releases: Path
) -> None:
    shutil.rmtree(releases)
    (line,) = _repaired(published_warehouse, releases)
    assert "is missing, with all releases" in line
    assert _people(releases) == ["p1", "p2"]
    assert _repaired(published_warehouse, releases) == []


def test_a_release_without_manifests_is_cut_again_and_the_one_before_is_listed_behind_it(
    published_warehouse: duckdb.DuckDBPyConnection, releases: Path
) -> None:
    before = release_ids(releases)[1]
    for manifest in require_live_release(releases).folder.glob("*manifest.json"):
        manifest.unlink()
    (line,) = _repaired(published_warehouse, releases)
    assert "which holds the same, from the warehouse" in line
    assert _people(releases) == ["p1", "p2"]
    assert [each.release_id for each in kept_releases(releases) if each.release][1:] == [before]


def test_a_pointer_to_a_missing_release_names_the_one_that_was_published_last(
    published_warehouse: duckdb.DuckDBPyConnection, releases: Path
) -> None:
    live = require_live_release(releases).release_id
    (releases / "CURRENT.json").write_text('{"release_id": "19990101T000000Z-000000"}', encoding="utf-8")
    (line,) = _repaired(published_warehouse, releases)
    assert "is live again, which was published last" in line
    assert require_live_release(releases).release_id == live
