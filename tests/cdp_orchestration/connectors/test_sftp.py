"""An SFTP server is read only where its key is the declared one, and why it lets no one in is said plainly."""

import stat
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest
import sftp_server
from fetched_files import files, old
from pydantic import ValidationError
from sftp_server import running_sftp

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.files.declaration import Files


@pytest.mark.parametrize(
    "written", ["SHA256:abcdefg", "ssh-ed25519", "ssh-ed25519 AAAA!!", "ssh-rsa AAAAC3NzaC1lZDI1NTE5"]
)
def test_a_host_key_that_is_none_is_refused_where_it_is_declared(written):
    with pytest.raises(ValidationError, match=r"host_key is none; expected type and key .*ssh-keyscan"):
        files("sftp://host/exports/", user="exporter", host_key=written)


@pytest.fixture
def sftp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    """A server with one folder and one user."""
    (tmp_path / "place" / "exports").mkdir(parents=True)
    monkeypatch.setenv("SFTP_PASSWORD", "secret-of-sftp")
    with running_sftp(tmp_path / "place", "exporter", "secret-of-sftp") as (port, key):
        host_key = f"[127.0.0.1]:{port} {key} a comment"  # as a line of known_hosts
        address = f"sftp://127.0.0.1:{port}/exports/"
        yield files(address, user="exporter", host_key=host_key, password="env:SFTP_PASSWORD")


def test_a_line_of_known_hosts_is_a_host_key(sftp, tmp_path):
    assert connector_of(sftp).fetch(None, tmp_path / "inbox").row_count is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"user": "other"}, "the server refuses user, password or private key"),
        (
            {"password": "env:NOT_THERE"},
            "The secret env:NOT_THERE is empty or not there; set it, then run this again.$",
        ),
        ({"path": "sftp://127.0.0.1:1/exports/"}, "no server answers there; check host and port"),
        ({"private_key": "file:{home}/none"}, "the private key file:.*/none is not there"),
        (
            {"private_key": "file:{home}/key.pub"},
            "key.pub is no private key; expected the file that `ssh-keygen` wrote",
        ),
        (
            {"host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA"},
            "is cut off, or of no type that is known; copy it whole",
        ),
    ],
)
def test_why_no_server_lets_anyone_in_is_said_in_plain_words(sftp, tmp_path, changes, says):
    (tmp_path / "key.pub").write_text("ssh-ed25519 AAAA me@host")
    given = {name: value.replace("{home}", str(tmp_path)) for name, value in changes.items()}
    declared = Files.model_validate(sftp.model_dump(exclude_unset=True) | given)

    with pytest.raises(FetchError, match=says) as error:
        connector_of(declared).fetch(None, tmp_path / "inbox")

    assert "Exception" not in str(error.value)
    assert not str(error.value).endswith("..")


def test_a_server_with_another_key_is_not_read(sftp, tmp_path):
    other = paramiko.ECDSAKey.generate()
    declared = sftp.model_copy(update={"host_key": f"{other.get_name()} {other.get_base64()}"})

    with pytest.raises(FetchError, match="the server has another key than `host_key`"):
        connector_of(declared).fetch(None, tmp_path / "inbox")


def _listing(monkeypatch: pytest.MonkeyPatch, *entries: paramiko.SFTPAttributes) -> None:
    monkeypatch.setattr(sftp_server._Folder, "list_folder", lambda *_: list(entries))


def _entry(name: str | bytes, mode: int | None = None) -> paramiko.SFTPAttributes:
    entry = paramiko.SFTPAttributes()
    entry.filename, entry.st_mode = name, mode  # type: ignore[attr-defined]
    return entry


def _put(path: Path) -> None:
    path.write_text("id\n1\n")
    old(path)


@pytest.mark.parametrize("mode", [None, 0o644, stat.S_IFLNK | 0o777], ids=["nothing", "rights alone", "a link"])
def test_a_file_of_which_a_listing_says_little_is_copied_once(sftp, tmp_path, monkeypatch, mode):
    _put(tmp_path / "place" / "exports" / "people.csv")
    _listing(monkeypatch, _entry("people.csv", mode), _entry("gone.csv", mode))

    first = connector_of(sftp).fetch(None, tmp_path / "inbox")
    second = connector_of(sftp).fetch(first.position, tmp_path / "inbox")

    assert [path.name for path in first.files] == ["people.csv"]
    assert second.files == ()


def test_a_linked_folder_is_not_entered_as_it_may_lead_back(sftp, tmp_path, monkeypatch):
    (tmp_path / "place" / "exports" / "again").symlink_to(tmp_path / "place" / "exports")
    _listing(monkeypatch, _entry("again", stat.S_IFLNK | 0o777))

    assert connector_of(sftp).fetch(None, tmp_path / "inbox").files == ()


def test_a_name_that_is_not_utf_8_is_said_with_its_folder(sftp, tmp_path, monkeypatch):
    _listing(monkeypatch, _entry(b"kund\xe4.csv", stat.S_IFREG | 0o644))

    with pytest.raises(FetchError, match=r"/exports/ has a file whose name is not UTF-8.*Have it renamed"):
        connector_of(sftp).fetch(None, tmp_path / "inbox")
