"""The commands about destinations, and how a sync and a rollback let them follow the live release."""

import json
from pathlib import Path

import pytest
from conftest import Cdp
from live_homes import copy_home
from small_releases import FIRST, make_live, rows_of

from cdp_orchestration.release.pointer import current_release_id, read_pointer

pytestmark = [pytest.mark.slow, pytest.mark.scenario]


def _declare(home: Path, **destinations: dict[str, object]) -> None:
    (home / "destinations.yml").write_text(json.dumps({"destinations": destinations}), encoding="utf-8")


def _shown(folder: Path) -> str:
    return str(json.loads((folder / "CURRENT.json").read_text(encoding="utf-8"))["release_id"])


def test_what_can_be_typed(cdp: Cdp, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    _declare(home, copy={"kind": "files", "path": f"{tmp_path}/copy"})
    empty = cdp(home, "releases", "publish")
    assert (empty.returncode, "holds no live release" in empty.stderr) == (1, True)
    (home / "destinations.yml").unlink()
    make_live(home, FIRST, rows_of(1))
    none = cdp(home, "releases", "destinations")
    assert none.returncode == 0, none.stderr
    assert "No destination is declared." in none.stdout
    nowhere = cdp(home, "releases", "publish")
    assert (nowhere.returncode, "This home has no destination" in nowhere.stderr) == (1, True)
    _declare(home, copy={"kind": "files", "path": f"{tmp_path}/copy"})
    published = cdp(home, "releases", "publish")
    assert published.returncode == 0, published.stderr
    assert published.stdout.strip() == f"Published: copy shows release {FIRST}"
    unknown = cdp(home, "releases", "publish", "lake")
    assert (unknown.returncode, "lake is no destination of this home; expected copy" in unknown.stderr) == (1, True)
    listed = json.loads(cdp(home, "releases", "destinations", "--json").stdout)
    assert [(each["name"], each["release_id"], each["is_behind"]) for each in listed] == [("copy", FIRST, False)]
    _declare(home, copy={"kind": "files", "path": "/dev/null/copy", "retries": 0})
    failed = cdp(home, "releases", "publish", "copy")
    assert failed.returncode == 1, failed.stdout
    assert failed.stdout.startswith("Not published to copy: copy at /dev/null/copy cannot be published to")


def test_a_sync_and_a_rollback_are_followed_and_what_fails_is_shown(cdp: Cdp, grown_home: Path, tmp_path: Path) -> None:
    home = copy_home(grown_home, tmp_path / "home")
    newest = str(current_release_id(home / "releases"))
    _declare(
        home,
        copy={"kind": "files", "path": f"{tmp_path}/copy", "tables": ["profiles"]},
        lake={"kind": "files", "path": f"{tmp_path}/lake/below", "tables": ["profiles"], "retries": 0},
    )
    (tmp_path / "lake").touch()
    synced = cdp(home, "sync")
    assert synced.returncode == 0, synced.stderr
    assert f"Published: copy shows release {newest}" in synced.stdout
    assert "Not published to lake: lake at" in synced.stdout
    assert (_shown(tmp_path / "copy"), current_release_id(home / "releases")) == (newest, newest)
    status = json.loads(cdp(home, "status", "--json").stdout)
    assert ("stale_destination", "lake") in {(each["kind"], each["subject"]) for each in status["findings"]}
    (tmp_path / "lake").unlink()
    pointer = read_pointer(home / "releases")
    assert pointer is not None
    older = pointer.former[-1]
    back = cdp(home, "releases", "rollback", older, "--why", "test orders")
    assert back.returncode == 0, back.stderr
    assert {_shown(tmp_path / "copy"), _shown(tmp_path / "lake" / "below")} == {older}
    doctor = cdp(home, "doctor").stdout
    assert f"copy shows {older}" in doctor
