"""Unchanged tables of two releases are one file on the disk; neither can change the other."""

from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.release.bundle import PublishedTable, file_sha256, write_candidate
from cdp_orchestration.release.integrity import damaged_files
from cdp_orchestration.release.reader import Release, open_release
from cdp_orchestration.release.shared_files import share_unchanged

TABLES = [
    PublishedTable(name, name, f"One row of {name}.", ({"name": "number", "type": "bigint"},))
    for name in ("same", "changed")
]


def _release(folder: Path, changed: int) -> Release:
    with duckdb.connect() as connection:
        connection.execute("create table same as select 1::bigint as number")
        connection.execute(f"create table changed as select {changed}::bigint as number")
        write_candidate(connection, folder, TABLES, {"release_id": folder.name})
    return open_release(folder)


def _is_one_file(left: Release, right: Release, table: str) -> bool:
    return (left.folder / f"{table}.parquet").samefile(right.folder / f"{table}.parquet")


def test_a_table_that_did_not_change_is_one_file_of_both_releases(tmp_path: Path) -> None:
    before, after = _release(tmp_path / "a", 1), _release(tmp_path / "b", 2)
    shared = share_unchanged(after.folder, after.manifest, before, set())
    assert shared == after.manifest["tables"]["same"]["size_bytes"]
    assert (_is_one_file(before, after, "same"), _is_one_file(before, after, "changed")) == (True, False)
    assert (damaged_files(before), damaged_files(after)) == ([], [])
    assert not list(after.folder.glob("*.tmp"))


def test_a_damaged_file_of_the_release_before_is_not_taken_over(tmp_path: Path) -> None:
    before, after = _release(tmp_path / "a", 1), _release(tmp_path / "b", 2)
    file = before.folder / "same.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert share_unchanged(after.folder, after.manifest, before, {each.table for each in damaged_files(before)}) == 0
    assert damaged_files(after) == []


def test_a_removed_release_leaves_the_files_that_another_shares(tmp_path: Path) -> None:
    before, after = _release(tmp_path / "a", 1), _release(tmp_path / "b", 1)
    share_unchanged(after.folder, after.manifest, before, set())
    for file in before.folder.iterdir():
        file.unlink()
    assert damaged_files(after) == []
    assert file_sha256(after.folder / "same.parquet") == after.manifest["tables"]["same"]["sha256"]


def test_on_a_disk_without_links_each_release_keeps_its_own_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    before, after = _release(tmp_path / "a", 1), _release(tmp_path / "b", 2)
    monkeypatch.setattr("cdp_orchestration.release.shared_files.os.link", refuse)
    assert share_unchanged(after.folder, after.manifest, before, set()) == 0
    assert damaged_files(after) == []
