"""The hash of each landed file: noted once, and forgotten when the file was joined into another."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.storage import stored_hashes
from cdp_orchestration.landing.storage.ledger import LedgerEntry, batch_path
from cdp_orchestration.landing.storage.stored_hashes import has_other_content, hashes_path, note_hashes, read_hashes

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _landed(settings: Settings, name: str, content: bytes, loaded_at: datetime = NOW) -> Path:
    entry = LedgerEntry(name, "crm", "contacts", f"{name}.csv", 1, 1, name, "landed", loaded_at, row_count=1)
    path = batch_path(settings, entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    note_hashes(settings, [entry])
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


def test_a_file_that_changed_since_it_was_written_is_found(settings: Settings) -> None:
    path = _landed(settings, "one", b"rows")
    assert not has_other_content(settings, path, read_hashes(settings))
    path.write_bytes(b"rowz")
    assert has_other_content(settings, path, read_hashes(settings))


def test_damage_is_never_taken_for_the_content_unless_the_file_was_written_again(settings: Settings) -> None:
    path = _landed(settings, "one", b"rows")
    _landed(settings, "one", b"damage")
    assert has_other_content(settings, path, read_hashes(settings))
    _landed(settings, "one", b"new rows", NOW + timedelta(seconds=1))
    assert not has_other_content(settings, path, read_hashes(settings))


def test_a_cut_line_is_left_out(settings: Settings) -> None:
    path = _landed(settings, "one", b"rows")
    with hashes_path(settings).open("ab") as file:
        file.write(b'{"file": "landing/crm/con')
    _landed(settings, "two", b"rows")
    assert len(read_hashes(settings)) == 2
    assert not has_other_content(settings, path, read_hashes(settings))


def test_files_that_were_joined_into_others_are_forgotten_once_they_are_most(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_hashes, "MANY", 3)
    paths = [_landed(settings, f"file {number}", b"rows") for number in range(4)]
    for path in paths[:3]:
        path.unlink()
    kept = _landed(settings, "joined", b"all rows")
    assert set(read_hashes(settings)) == {str(path.relative_to(settings.home)) for path in (paths[3], kept)}
    assert len(hashes_path(settings).read_text(encoding="utf-8").splitlines()) == 2
