"""Any change of a release's files is found, before a reader, a sync or a growing table relies on them."""

import random
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.errors import DamagedReleaseError
from cdp_orchestration.release.bundle import PublishedTable, write_candidate
from cdp_orchestration.release.continuation import continue_from_release
from cdp_orchestration.release.integrity import damaged_files, missing_files, require_sound
from cdp_orchestration.release.publication import candidate_folder, publish
from cdp_orchestration.release.reader import Release, open_release

COLUMN = {"name": "visit_id", "type": "varchar", "description": "Key.", "classification": "none"}
TABLES = [PublishedTable(name, "profiles.visits", "One row per visit.", (COLUMN,)) for name in ("visits", "guests")]


@pytest.fixture
def release(tmp_path: Path) -> Release:
    with duckdb.connect() as connection:
        connection.execute("create schema profiles")
        connection.execute("create table profiles.visits as select 'v' || n as visit_id from range(500) as t (n)")
        manifest = write_candidate(connection, candidate_folder(tmp_path, "one"), TABLES, {"release_id": "one"})
    return open_release(publish(tmp_path, manifest, datetime(2026, 1, 1, tzinfo=UTC)))


def test_a_release_is_sound_as_it_was_published(release: Release) -> None:
    assert damaged_files(release) == []
    require_sound(release)


def test_each_flipped_bit_is_found(release: Release) -> None:
    file = release.folder / "visits.parquet"
    whole = file.read_bytes()
    luck = random.Random(7)
    for _ in range(60):
        flipped = bytearray(whole)
        flipped[luck.randrange(len(whole))] ^= 1 << luck.randrange(8)
        file.write_bytes(flipped)
        assert [str(each) for each in damaged_files(release)] == ["visits.parquet has other content than was published"]
    assert list(missing_files(release)) == []  # which reads no file


def test_a_missing_and_a_cut_file_are_found_without_reading_them(release: Release) -> None:
    (release.folder / "visits.parquet").unlink()
    cut = release.folder / "guests.parquet"
    cut.write_bytes(cut.read_bytes()[:-1])
    found = [str(each) for each in missing_files(release)]
    assert found[0] == "visits.parquet is missing"
    assert found[1].startswith("guests.parquet has ")
    with pytest.raises(DamagedReleaseError, match=r"visits\.parquet is missing; guests\.parquet has"):
        require_sound(release)


def test_a_growing_table_never_continues_from_a_damaged_file(release: Release) -> None:
    (release.folder / "visits.parquet").write_bytes(b"not what was published")
    with duckdb.connect() as warehouse:
        warehouse.execute("create schema profiles")
        warehouse.execute("create table profiles.visits as select 'kept' as visit_id")
        with pytest.raises(DamagedReleaseError, match=r"visits\.parquet"):
            continue_from_release(warehouse, release, [TABLES[0]])
        assert warehouse.execute("from profiles.visits").fetchall() == [("kept",)]
        continue_from_release(warehouse, release, [TABLES[1]])
