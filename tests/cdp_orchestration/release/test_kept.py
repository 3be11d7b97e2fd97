"""Which releases a home keeps: found by the beginning of an id, pinned, verified, pruned, held by readers."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_orchestration.errors import DamagedReleaseError, SettingsError
from cdp_orchestration.release.bundle import PublishedTable, release_time, write_candidate
from cdp_orchestration.release.integrity import verify_releases
from cdp_orchestration.release.kept import (
    KeptRelease,
    Pin,
    find_kept,
    find_release,
    kept_releases,
    new_pin,
    read_pins,
    set_pin,
)
from cdp_orchestration.release.leases import take_lease
from cdp_orchestration.release.pointer import read_pointer
from cdp_orchestration.release.pruning import prune_releases, releases_to_remove
from cdp_orchestration.release.publication import candidate_folder, publish, remove_unpublished

TABLE = PublishedTable("people", "people", "One row per person.", ({"name": "person_id", "type": "bigint"},))


def _publish(releases: Path, release_id: str) -> str:
    previous = read_pointer(releases)
    about = {"release_id": release_id, "previous_release_id": previous.release_id if previous else None}
    with duckdb.connect() as connection:
        connection.execute("create table people as select 1::bigint as person_id")
        manifest = write_candidate(connection, candidate_folder(releases, release_id), [TABLE], about)
    publish(releases, manifest, datetime.now(UTC))
    return release_id


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """Three releases of one day and one of the day before."""
    for release_id in (
        "20260101T120000Z-00000a",
        "20260102T080000Z-00000b",
        "20260102T090000Z-00000c",
        "20260102T100000Z-00000d",
    ):
        _publish(tmp_path, release_id)
    return tmp_path


def _ids(releases: Path) -> list[str]:
    return [each.release_id[-1] for each in kept_releases(releases)]


def test_a_release_is_found_by_the_beginning_of_its_id(releases: Path) -> None:
    assert find_release(releases, "20260101").release_id.endswith("a")
    assert find_release(releases, "live").release_id.endswith("d")
    with pytest.raises(SettingsError, match=r"3 releases of .* begins with '20260102', expected one; the newest are"):
        find_release(releases, "20260102")
    with pytest.raises(SettingsError, match="0 releases"):
        find_release(releases, "2025")


def test_a_release_whose_manifest_is_damaged_is_listed_and_does_not_open(releases: Path) -> None:
    damaged = find_kept(releases, "20260102T08").release_id
    (releases / damaged / "manifest.json").write_text("{", encoding="utf-8")
    assert _ids(releases) == ["d", "c", "b", "a"]
    with pytest.raises(DamagedReleaseError, match=r"manifest\.json cannot be read"):
        find_release(releases, damaged)
    found = verify_releases(releases, None)
    assert [bool(each.damage) for each in found] == [False, False, True, False]


def test_every_flipped_byte_of_a_table_is_found(releases: Path) -> None:
    file = find_release(releases, "live").folder / "people.parquet"
    content = file.read_bytes()
    for place in range(0, len(content), 7):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        (found,) = verify_releases(releases, "live")
        assert found.damage == ("people.parquet has other content than was published",)


def test_pruning_keeps_the_newest_the_last_of_each_day_and_what_is_pinned(releases: Path) -> None:
    assert prune_releases(releases, 1, 2, is_trial=True).removed == (
        "20260102T090000Z-00000c",
        "20260102T080000Z-00000b",
    )
    assert _ids(releases) == ["d", "c", "b", "a"]
    set_pin(releases, "20260102T080000Z-00000b", new_pin("Ada", "a report"))
    pruned = prune_releases(releases, 1, 0)
    assert [each[-1] for each in pruned.removed] == ["c", "a"]
    assert pruned.freed_bytes > 0
    assert _ids(releases) == ["d", "b"]
    pointer = read_pointer(releases)
    assert pointer is not None
    assert pointer.former == ("20260102T080000Z-00000b",)
    set_pin(releases, "20260102T080000Z-00000b", None)
    prune_releases(releases, 1, 0)
    assert _ids(releases) == ["d"]
    assert sorted(each.name for each in releases.iterdir()) == [
        "20260102T100000Z-00000d",
        "CURRENT.json",
        "PINNED.json",
        "current",
    ]


def test_a_release_that_another_process_reads_is_pruned_when_it_has_ended(releases: Path) -> None:
    manifest = releases / "20260101T120000Z-00000a" / "manifest.json"
    program = (
        "import pathlib, sys; from cdp_orchestration.release.leases import take_lease; "
        "lease = take_lease(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, manifest], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "held\n"
        assert [each[-1] for each in prune_releases(releases, 1, 0).in_use] == ["a"]
        reader.kill()
        reader.wait()
    assert [each[-1] for each in prune_releases(releases, 1, 0).removed] == ["a"]
    with pytest.raises(FileNotFoundError):
        take_lease(manifest)


def test_a_prune_that_was_killed_is_completed_by_the_next_run(releases: Path) -> None:
    (releases / "20260101T120000Z-00000a").rename(releases / ".pruned-20260101T120000Z-00000a")
    assert _ids(releases) == ["d", "c", "b"]
    assert remove_unpublished(releases) == [".pruned-20260101T120000Z-00000a"]


@pytest.mark.parametrize("written", ["{", "[]", '{"a": 1}', '{"a": {"by": "x"}}', "\x00"])
def test_with_pins_that_cannot_be_read_nothing_is_removed(releases: Path, written: str) -> None:
    (releases / "PINNED.json").write_text(written, encoding="utf-8")
    with pytest.raises(DamagedReleaseError, match=r"PINNED\.json cannot be read"):
        prune_releases(releases, 1, 0)
    assert len(list(releases.glob("2026*"))) == 4


def test_a_pin_says_who_and_why(releases: Path) -> None:
    set_pin(releases, "20260101T120000Z-00000a", Pin("Ada", "a report", "2026-01-03T00:00:00+00:00"))
    assert json.loads((releases / "PINNED.json").read_text(encoding="utf-8")) == {
        "20260101T120000Z-00000a": {"by": "Ada", "why": "a report", "at": "2026-01-03T00:00:00+00:00"}
    }
    assert [each.pin.why for each in kept_releases(releases) if each.pin] == ["a report"]
    assert read_pins(releases)["20260101T120000Z-00000a"].by == "Ada"


@given(
    st.lists(st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 9)), min_size=1, max_size=12, unique=True),  # noqa: DTZ001 - as ids
    st.data(),
    st.integers(1, 5),
    st.integers(0, 5),
)
def test_whatever_is_pruned_the_newest_the_live_and_the_pinned_stay(
    times: list[datetime], data: st.DataObject, keep: int, keep_daily: int
) -> None:
    ids = sorted({f"{time:%Y%m%dT%H%M%SZ}-000000" for time in times})
    live = data.draw(st.sampled_from(ids))
    pinned = data.draw(st.sets(st.sampled_from(ids)))
    pin = Pin("Ada", "why", "now")
    kept = [KeptRelease(each, each == live, pin if each in pinned else None, None) for each in ids]
    removed = releases_to_remove(kept, keep, keep_daily)
    stays = set(ids) - set(removed)
    assert live in stays
    assert pinned <= stays
    assert len(stays) >= min(keep, len(ids))
    days = sorted({release_time(each).date() for each in ids}, reverse=True)[:keep_daily]
    for day in days:
        assert max(each for each in ids if release_time(each).date() == day) in stays
    assert releases_to_remove([each for each in kept if each.release_id in stays], keep, keep_daily) == []
