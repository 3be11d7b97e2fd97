"""The files of a release in a folder, a bucket and a store of fsspec: pointer last, verified, pruned."""

import json
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from pyarrow import fs
from s3_server import ACCESS, ACCESS_KEY, SECRET_KEY, running_s3
from small_releases import FIRST, SECOND, THIRD, make_live, rows_of

from cdp_orchestration.destinations import DestinationError, PassingDestinationError, publish_to, standings
from cdp_orchestration.destinations.stores import Store
from cdp_orchestration.errors import DamagedReleaseError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.open_tier.following import follow_live_release
from cdp_orchestration.reader import open_home


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server that speaks S3."""
    with running_s3() as address:
        yield address


class Place:
    """A destination, and what lies there, seen by another library than the one that writes it."""

    def __init__(self, settings: Settings, other: fsspec.AbstractFileSystem, root: str) -> None:
        self.settings = settings
        self._other, self._root = other, root

    def names(self) -> set[str]:
        found = self._other.find(self._root)
        return {each.partition(f"{self._root.strip('/')}/")[2] for each in found}

    def read(self, name: str) -> bytes:
        return bytes(self._other.cat_file(f"{self._root}/{name}"))

    def write(self, name: str, content: bytes) -> None:
        self._other.pipe_file(f"{self._root}/{name}", content)


def _declare(home: Path, declared: dict[str, object]) -> Settings:
    home.mkdir(exist_ok=True)
    (home / "destinations.yml").write_text(json.dumps({"destinations": {"copy": declared}}), encoding="utf-8")
    return Settings(home)


@pytest.fixture(params=["folder", "s3", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A declared destination of each kind of store, which keeps two releases."""
    home, declared = tmp_path / "home", {"kind": "files", "keep": 2, "retries": 0}
    if request.param == "folder":
        folder = tmp_path / "copy" / "releases"
        return Place(_declare(home, declared | {"path": str(folder)}), fsspec.filesystem("file"), str(folder))
    if request.param == "memory":
        root = f"/{tmp_path.name}"
        return Place(_declare(home, declared | {"path": f"memory:/{root}"}), fsspec.filesystem("memory"), root)
    address = request.getfixturevalue("s3")
    monkeypatch.setenv("S3_KEY", ACCESS_KEY)
    monkeypatch.setenv("S3_SECRET", SECRET_KEY)
    access = {"endpoint_override": address.removeprefix("http://"), "scheme": "http", "region": "eu-west-1"}
    server = fs.S3FileSystem(access_key=ACCESS_KEY, secret_key=SECRET_KEY, allow_bucket_creation=True, **access)
    bucket = tmp_path.name.replace("_", "-").lower().strip("-")
    server.create_dir(bucket)
    from fsspec.implementations.arrow import ArrowFSWrapper

    more = {"endpoint": address, **ACCESS}
    settings = _declare(home, declared | more | {"path": f"s3://{bucket}/cdp/"})
    return Place(settings, ArrowFSWrapper(server), f"{bucket}/cdp")


def _objects(release_id: str, *tables: str) -> set[str]:
    return {f"{release_id}/{name}" for name in (*(f"{each}.parquet" for each in tables), "manifest.json")}


ALL = ("match_edges", "profiles", "touchpoints")


def test_all_of_a_release_is_there_before_the_pointer_names_it_and_twice_does_nothing(place: Place) -> None:
    make_live(place.settings.home, FIRST, rows_of(2))
    sent = publish_to(place.settings, "copy")
    assert (sent.release_id, sent.is_new, sent.table_count, sent.row_count) == (FIRST, True, 3, 6)
    assert place.names() == {"CURRENT.json", *_objects(FIRST, *ALL)}
    pointer, before = json.loads(place.read("CURRENT.json")), place.read(f"{FIRST}/profiles.parquet")
    assert pointer["release_id"] == FIRST
    assert before == (place.settings.releases / FIRST / "profiles.parquet").read_bytes()
    again = publish_to(place.settings, "copy")
    assert (again.is_new, again.sent_tables) == (False, ())
    assert json.loads(place.read("CURRENT.json")) == pointer


def test_what_has_not_changed_is_not_sent_again_and_old_releases_go(place: Place) -> None:
    for release_id, count in ((FIRST, 1), (SECOND, 2), (THIRD, 3)):
        make_live(place.settings.home, release_id, rows_of(count))
        sent = publish_to(place.settings, "copy")
    assert sent.sent_tables == ("profiles", "touchpoints")
    assert sent.removed == (FIRST,)
    assert place.names() == {"CURRENT.json", *_objects(SECOND, *ALL), *_objects(THIRD, *ALL)}


def test_an_upload_that_was_killed_is_ended_by_the_next_one(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    make_live(place.settings.home, FIRST, rows_of(1))
    publish_to(place.settings, "copy")
    make_live(place.settings.home, SECOND, rows_of(2))
    put, killed = Store.put_bytes, RuntimeError("killed before the pointer")

    def killed_before_the_pointer(store: Store, name: str, content: bytes) -> None:
        if name == "CURRENT.json":
            raise killed
        put(store, name, content)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "put_bytes", killed_before_the_pointer)
        with pytest.raises(RuntimeError):
            publish_to(place.settings, "copy")
    assert json.loads(place.read("CURRENT.json"))["release_id"] == FIRST
    # One object was cut, whatever the store promises
    place.write(f"{SECOND}/touchpoints.parquet", b"PAR1")
    sent = publish_to(place.settings, "copy")
    assert sent.sent_tables == ("touchpoints",)
    assert json.loads(place.read("CURRENT.json"))["release_id"] == SECOND
    assert place.read(f"{SECOND}/touchpoints.parquet")[-4:] == b"PAR1"


def test_bytes_that_a_store_changes_are_found_before_the_pointer_names_them(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_live(place.settings.home, FIRST, rows_of(1))
    put_file = Store.put_file

    def flipped(store: Store, name: str, file: Path) -> None:
        put_file(store, name, file)
        store.put_bytes(name, file.read_bytes()[:-1] + b"?")

    monkeypatch.setattr(Store, "put_file", flipped)
    with pytest.raises(PassingDestinationError, match="has other bytes of match_edges than were sent"):
        publish_to(place.settings, "copy")
    assert "CURRENT.json" not in place.names()


def test_a_destination_has_the_tables_that_it_names(place: Place) -> None:
    make_live(place.settings.home, FIRST, rows_of(2))
    publish_to(place.settings, "copy")
    file = place.settings.home / "destinations.yml"
    declared = json.loads(file.read_text(encoding="utf-8"))
    declared["destinations"]["copy"]["tables"] = ["profiles"]
    file.write_text(json.dumps(declared), encoding="utf-8")
    assert [each.is_behind for each in standings(place.settings)] == [True]
    sent = publish_to(place.settings, "copy")
    assert (sent.is_new, sent.table_count, sent.sent_tables) == (True, 1, ())
    assert place.names() == {"CURRENT.json", *_objects(FIRST, "profiles")}
    assert list(json.loads(place.read(f"{FIRST}/manifest.json"))["tables"]) == ["profiles"]


def test_a_copy_is_read_as_a_home_is(tmp_path: Path) -> None:
    settings = _declare(tmp_path / "home", {"kind": "files", "path": f"{tmp_path}/copy/releases"})
    make_live(settings.home, FIRST, rows_of(2))
    publish_to(settings, "copy")
    with open_home(tmp_path / "copy") as copy:
        assert (copy.release_id, len(copy.profiles)) == (FIRST, 2)


def test_a_damaged_release_is_not_published(tmp_path: Path) -> None:
    settings = _declare(tmp_path / "home", {"kind": "files", "path": f"{tmp_path}/copy"})
    make_live(settings.home, FIRST, rows_of(2))
    file = settings.releases / FIRST / "profiles.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(DamagedReleaseError, match=r"profiles\.parquet has other content .*`cdp repair`"):
        publish_to(settings, "copy")
    assert not (tmp_path / "copy" / "CURRENT.json").exists()


def test_a_place_that_cannot_be_written_says_so_without_a_secret(s3: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("S3_KEY", ACCESS_KEY)
    monkeypatch.setenv("S3_SECRET", SECRET_KEY)
    more = {"endpoint": s3, **ACCESS}
    settings = _declare(tmp_path / "home", {"kind": "files", "path": "s3://no-such-bucket/cdp", **more})
    make_live(settings.home, FIRST, rows_of(1))
    with pytest.raises(DestinationError, match="copy at s3://no-such-bucket/cdp cannot be published to") as raised:
        publish_to(settings, "copy")
    assert SECRET_KEY not in str(raised.value)
    assert raised.value.__suppress_context__
    (standing,) = standings(settings)
    assert standing.is_behind
    assert standing.state.problem == str(raised.value)


def test_a_scheme_without_a_library_is_named(tmp_path: Path) -> None:
    settings = _declare(tmp_path / "home", {"kind": "files", "path": "nothing://x/y"})
    make_live(settings.home, FIRST, rows_of(1))
    with pytest.raises(DestinationError, match="Protocol not known: nothing"):
        publish_to(settings, "copy")


def test_a_destination_of_the_open_tier_gets_no_names(tmp_path: Path) -> None:
    folder = tmp_path / "copy" / "releases"
    settings = _declare(tmp_path / "home", {"kind": "files", "path": str(folder), "tier": "open", "retries": 0})
    make_live(settings.home, FIRST, rows_of(2))
    with pytest.raises(DestinationError, match="is to have the open tier, and this home has none"):
        publish_to(settings, "copy")
    settings.open_tier.write_text("k: 2\n", encoding="utf-8")
    follow_live_release(settings)
    assert publish_to(settings, "copy").release_id == FIRST
    with open_home(folder.parent) as copy:
        assert set(copy.tables) == {"profiles", "touchpoints"}
        assert "email" not in copy.profiles.columns
        assert len(copy.profiles) == 2
    assert not any(b"a@example.org" in each.read_bytes() for each in folder.rglob("*") if each.is_file())
    assert [each.is_behind for each in standings(settings)] == [False]
