"""Going back to an older release, through the command: what readers see then, and what later syncs make of it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from earlier_releases import take_zones_away
from live_homes import copy_home
from release_comparison import release_of

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path, grown_home: Path) -> Path:
    """A home with two releases, the second of which holds all later deliveries."""
    return copy_home(grown_home, tmp_path / "home")


def _run(cdp: Cdp, home: Path, *arguments: str) -> str:
    ended = cdp(home, *arguments)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def _releases(cdp: Cdp, home: Path) -> list[str]:
    return [each["release_id"] for each in json.loads(_run(cdp, home, "releases", "list", "--json"))]


def _profile_ids(home: Path) -> set[str]:
    with release_of(home).connect() as release:
        return {row[0] for row in release.execute("select profile_id from profiles").fetchall()}


def _events(home: Path) -> set[tuple[str, int]]:
    with release_of(home).connect() as release:
        return set(release.execute("select event_id, epoch_us(occurred_at) from profile_events").fetchall())


def _deliver_one_more_ticket(home: Path) -> None:
    tickets = home / "inbox" / "support" / "tickets"
    newest = json.loads(max(tickets.iterdir()).read_text(encoding="utf-8").splitlines()[-1])
    ticket = newest | {"id": newest["id"] + 1_000_000}
    (tickets / "2026-07-01_tickets.jsonl").write_text(json.dumps(ticket) + "\n", encoding="utf-8")


def test_a_release_that_one_went_back_to_stays_live_until_that_is_undone(home: Path, cdp: Cdp) -> None:
    newest, oldest = _releases(cdp, home)
    said = _run(cdp, home, "releases", "rollback", oldest[:16], "--why", "test orders", "--by", "Ada")
    assert f"Release {oldest} is live again: Ada went back to it from {newest}" in said
    assert (home / "releases" / "current").resolve().name == oldest
    assert _releases(cdp, home) == [oldest, newest]

    said = _run(cdp, home, "sync")
    assert f"no release was cut; {oldest} stays live" in said
    assert "(test orders). It stays so until something else is delivered, declared or decided; `cdp releases" in said
    status = cdp(home, "status").stdout
    assert f"Release {oldest} is live again: Ada" in status
    assert "Not live yet" not in status

    _run(cdp, home, "releases", "rollback", newest, "--why", "they were real")
    assert f"no release was cut; {newest} stays live" in _run(cdp, home, "sync")
    assert _releases(cdp, home) == [newest, oldest]


def test_what_is_delivered_after_going_back_is_published_anew_and_the_same_profiles_have_the_same_ids(
    home: Path, cdp: Cdp
) -> None:
    newest, oldest = _releases(cdp, home)
    before = _profile_ids(home)
    take_zones_away(home / "releases" / oldest)
    _run(cdp, home, "releases", "rollback", oldest, "--why", "test orders", "--by", "Ada")
    events = _events(home)
    _deliver_one_more_ticket(home)
    said = _run(cdp, home, "sync")
    live = release_of(home)
    assert live.manifest["previous_release_id"] == oldest
    assert f"Release {oldest} was live again: Ada went back to it from {newest}" in said
    assert _profile_ids(home) == before
    assert events <= _events(home), "also where a release of an earlier version had times without a zone"
    assert _releases(cdp, home) == [live.release_id, newest, oldest]
