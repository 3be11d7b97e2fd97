"""Files of a folder, a bucket, an SFTP server and a URL come into the inbox once, whole, and under their names."""

import gzip
import http.server
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import boto3
import paramiko
import pytest
from pyarrow import fs
from pydantic import ValidationError
from sftp_server import running_sftp

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.files.declaration import Files
from cdp_orchestration.connectors.files.names import is_meant, safe_name
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import fetch_stream, land_stream
from cdp_orchestration.sources import declared_stream

S3_SECRET = "wJalr-secret-of-the-bucket"
Put = Callable[[str, bytes], None]


def old(path: Path) -> None:
    """Let a file be older than the time for which it has to be quiet."""
    os.utime(path, (time.time() - 3600,) * 2)


def files(path: str, **more: object) -> Files:
    return Files.model_validate({"kind": "files", "path": path, **more})


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server that speaks S3."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3", "sftp"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Files, Put]]:
    """A declaration of a place, and how a file gets there."""
    if request.param == "s3":
        address = request.getfixturevalue("s3")
        monkeypatch.setenv("S3_KEY", "AKIAEXAMPLE")
        monkeypatch.setenv("S3_SECRET", S3_SECRET)
        endpoint = address.removeprefix("http://")
        bucket = "exports-" + tmp_path.name.lower().replace("_", "-")[-40:].strip("-")
        store = fs.S3FileSystem(
            endpoint_override=endpoint, scheme="http", access_key="a", secret_key="b", region="us-east-1",
            allow_bucket_creation=True,
        )  # fmt: skip
        store.create_dir(bucket)

        def put(name: str, content: bytes) -> None:
            with store.open_output_stream(f"{bucket}/contacts/{name}", compression=None) as stream:
                stream.write(content)

        keys = {"access_key": "env:S3_KEY", "secret_key": "env:S3_SECRET"}
        yield files(f"s3://{bucket}/contacts/", endpoint=address, region="us-east-1", quiet_seconds=0, **keys), put
        return
    root = tmp_path / "place"
    (root / "contacts").mkdir(parents=True)

    def write(name: str, content: bytes) -> None:
        path = root / "contacts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        old(path)

    if request.param == "folder":
        yield files(f"{root}/contacts"), write
        return
    monkeypatch.setenv("SFTP_PASSWORD", "secret-of-sftp")
    with running_sftp(root, "exporter", "secret-of-sftp") as (port, host_key):
        address = f"sftp://127.0.0.1:{port}/contacts"
        yield files(address, user="exporter", password="env:SFTP_PASSWORD", host_key=host_key), write


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_new_files_come_once_and_changed_ones_again(place, tmp_path):
    declared, put = place
    put("2026-01.csv", b"id\n1\n")
    put("more/february 2026 \xc3\xa9.csv".encode("latin-1").decode("utf-8"), b"id\n2\n")

    first = connector_of(declared).fetch(None, tmp_path / "inbox")
    second = connector_of(declared).fetch(first.position, tmp_path / "inbox")
    put("2026-01.csv", b"id\n1\n3\n")
    third = connector_of(declared).fetch(second.position, tmp_path / "inbox")

    assert names(tmp_path / "inbox") == ["2026-01.csv", "more/february 2026 é.csv"]
    assert [len(fetched.files) for fetched in (first, second, third)] == [2, 0, 1]
    assert (tmp_path / "inbox" / "2026-01.csv").read_bytes() == b"id\n1\n3\n"


def test_a_place_that_is_not_there_says_so_without_a_secret(place, tmp_path):
    declared, _ = place
    elsewhere = declared.model_copy(update={"path": declared.path.rstrip("/") + "-that-is-not-there/"})

    with pytest.raises(FetchError, match=r"cannot be read: .* Check that the place is there") as raised:
        connector_of(elsewhere).fetch(None, tmp_path / "inbox")
    assert S3_SECRET not in str(raised.value)
    assert "secret-of-sftp" not in str(raised.value)


def test_the_same_files_give_the_same_rows_from_every_place(place, tmp_path):
    declared, put = place
    put("members.csv", b"id,name\n1,Ada\n2,Ben\n")
    home = Settings(home=tmp_path / "home")
    home.own_sources.mkdir(parents=True)
    given = declared.model_dump(mode="json", exclude_none=True)
    listed = ", ".join(
        f'{name}: "{value}"' if isinstance(value, str) else f"{name}: {value}" for name, value in given.items()
    )
    fields = "{id: identifier, name: text}"
    (home.own_sources / "club.yml").write_text(
        f"source: club\nstreams: {{members: {{key: [id], fields: {fields}, from: {{{listed}}}}}}}\n"
    )
    stream = declared_stream("club/members", home)

    outcome = fetch_stream(stream, home)

    assert outcome
    assert (outcome.problem, outcome.file_count) == (None, 1)
    assert land_stream(stream, home).rows_landed == 2
    assert land_stream(stream, home).files_landed == 0


def test_a_pattern_may_have_signs_that_end_the_path_of_an_address(place, tmp_path):
    declared, put = place
    put("part-1#2026.csv", b"id\n1\n")
    put("part-10#2026.csv", b"id\n2\n")
    chosen = declared.model_copy(update={"path": declared.path.rstrip("/") + "/part-?#*.csv"})

    fetched = connector_of(chosen).fetch(None, tmp_path / "inbox")

    assert [path.name for path in fetched.files] == ["part-1#2026.csv"]


def test_a_wrong_password_is_refused_and_not_repeated(place, tmp_path, monkeypatch):
    declared, put = place
    put("a.csv", b"id\n1\n")
    if not declared.path.startswith("sftp"):
        pytest.skip("a folder has no password, and the S3 server takes any")
    monkeypatch.setenv("SFTP_PASSWORD", "another-secret-than-that")

    with pytest.raises(FetchError, match="the server refuses user, password or private key") as raised:
        connector_of(declared).fetch(None, tmp_path / "inbox")
    assert "another-secret-than-that" not in str(raised.value)


def test_a_file_that_is_being_written_waits(tmp_path):
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "a.csv").write_text("id\n1\n")
    declared = files(f"{tmp_path}/place", quiet_seconds=60)

    early = connector_of(declared).fetch(None, tmp_path / "inbox")
    old(tmp_path / "place" / "a.csv")
    late = connector_of(declared).fetch(early.position, tmp_path / "inbox")

    assert (len(early.files), len(late.files)) == (0, 1)


def test_a_pattern_takes_what_it_names(tmp_path):
    for name in ("a.csv", "b.json", "2026/c.csv", "2026/11/d.csv"):
        path = tmp_path / "place" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        old(path)

    def taken(pattern: str) -> list[str]:
        fetched = connector_of(files(f"{tmp_path}/place/{pattern}")).fetch(None, tmp_path / f"inbox-{hash(pattern)}")
        return sorted(path.name for path in fetched.files)

    assert taken("*.csv") == ["a.csv"]
    assert taken("**/*.csv") == ["a.csv", "c.csv", "d.csv"]
    assert taken("2026/*/*.csv") == ["d.csv"]
    assert taken("a.csv") == ["a.csv"]


@pytest.mark.parametrize(
    ("name", "pattern", "is_one"),
    [("a/b.csv", "**", True), ("b.csv", "**/b.csv", True), ("x/y/b.csv", "x/**/b.csv", True), ("b.csv", "a/*", False)],
)
def test_two_stars_stand_for_any_number_of_folders(name, pattern, is_one):
    assert is_meant(name, pattern) is is_one


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\\..\\b", "x/../../y", "new\nline.csv", "a\x1b[31m.csv", ".."])
def test_no_name_leads_out_of_the_inbox(name, tmp_path):
    made = (tmp_path / safe_name(name)).resolve()

    assert made.is_relative_to(tmp_path.resolve())
    assert made != tmp_path.resolve()
    assert safe_name(name).isprintable()


def test_two_names_never_become_one():
    assert len({safe_name(name) for name in ("a:b.csv", "a*b.csv", "a_b.csv")}) == 3


def test_names_that_have_to_be_changed_keep_their_order_and_ending():
    names = [f"2026-11-{day}/export {day}T{hour}:00:00.5.csv.gz" for day in range(10, 30) for hour in range(10, 20)]

    made = [safe_name(name) for name in names]

    assert made == sorted(made)
    assert all(name.endswith(".csv.gz") for name in made)


class _Url(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_a_file_behind_a_url_comes_again_only_when_it_has_changed(tmp_path, monkeypatch):
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "members.csv").write_text("id\n1\n")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Url, directory=str(tmp_path / "www")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("EXPORT_URL", f"http://127.0.0.1:{server.server_port}/members.csv?signature=s3cr3t-signature")
    declared = files("env:EXPORT_URL")
    try:
        first = connector_of(declared).fetch(None, tmp_path / "inbox")
        second = connector_of(declared).fetch(first.position, tmp_path / "inbox")
        old(tmp_path / "www" / "members.csv")
        third = connector_of(declared).fetch(second.position, tmp_path / "inbox")
        (tmp_path / "www" / "members.csv").unlink()
        with pytest.raises(FetchError, match="404") as raised:
            connector_of(declared).fetch(third.position, tmp_path / "inbox")
    finally:
        server.shutdown()

    assert [len(fetched.files) for fetched in (first, second, third)] == [1, 0, 1]
    assert names(tmp_path / "inbox") == ["members.csv"]
    assert "s3cr3t-signature" not in str(raised.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"path": "ftp://host/x"}, "another scheme"),
        ({"path": "exports"}, "expected a whole path"),
        ({"path": "https://host/x?sig=1"}, "may hold a secret"),
        ({"path": "sftp://me:pw@host/x"}, "may hold a secret"),
        ({"path": "sftp://host/x", "user": "me"}, "host_key"),
        ({"path": "s3://b/x", "access_key": "env:A"}, "need each other"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused(given, message):
    with pytest.raises(ValidationError, match=message):
        Files.model_validate({"kind": "files", **given})


def test_a_packed_file_comes_as_it_is(place, tmp_path):
    declared, put = place
    packed = gzip.compress(b"id\n" + b"1\n" * 300)
    put("members.csv.gz", packed)

    fetched = connector_of(declared).fetch(None, tmp_path / "inbox")

    assert [path.read_bytes() for path in fetched.files] == [packed]


def test_one_file_that_cannot_be_read_does_not_hold_up_the_others(tmp_path, monkeypatch):
    for name in ("a.csv", "b.csv", "c.csv"):
        path = tmp_path / "place" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
        old(path)
    open_file = Path.open

    def refused(self, *arguments):
        if self == tmp_path / "place" / "b.csv":
            raise PermissionError(13, "Permission denied", "b.csv")
        return open_file(self, *arguments)

    monkeypatch.setattr(Path, "open", refused)
    declared = files(f"{tmp_path}/place")

    with pytest.raises(FetchError, match="Permission denied") as raised:
        connector_of(declared).fetch(None, tmp_path / "inbox")
    monkeypatch.undo()
    later = connector_of(declared).fetch(raised.value.reached.position, tmp_path / "inbox")

    assert [path.name for path in raised.value.reached.files] == ["a.csv", "c.csv"]
    assert [path.name for path in later.files] == ["b.csv"]


def test_a_place_that_refuses_every_file_is_left_after_a_few(tmp_path, monkeypatch):
    for number in range(9):
        path = tmp_path / "place" / f"{number}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
        old(path)
    tried: list[Path] = []

    def refused(self, *_):
        tried.append(self)
        raise TimeoutError("the disk does not answer")

    monkeypatch.setattr(Path, "open", refused)

    with pytest.raises(FetchError, match="does not answer"):
        connector_of(files(f"{tmp_path}/place")).fetch(None, tmp_path / "inbox")
    assert len(tried) == 3


def test_a_file_with_a_date_in_the_future_is_copied_once_it_has_not_changed_for_a_while(tmp_path):
    (tmp_path / "place").mkdir()
    path = tmp_path / "place" / "a.csv"
    path.write_text("id\n1\n")
    os.utime(path, (time.time() + 10**8,) * 2)
    declared = files(f"{tmp_path}/place", quiet_seconds=60)

    first = connector_of(declared).fetch(None, tmp_path / "inbox")
    second = connector_of(declared).fetch(first.position, tmp_path / "inbox")
    version, _ = second.position["waiting"]["a.csv"]
    third = connector_of(declared).fetch(
        {"waiting": {"a.csv": [version, "2026-01-01T00:00:00+00:00"]}}, tmp_path / "inbox"
    )
    fourth = connector_of(declared).fetch(third.position, tmp_path / "inbox")

    assert [len(fetched.files) for fetched in (first, second, third, fourth)] == [0, 0, 1, 0]
    assert first.position == second.position
    assert "waiting" not in third.position


def test_a_linked_folder_that_leads_back_is_not_entered(tmp_path):
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "a.csv").write_text("id\n1\n")
    (tmp_path / "place" / "again").symlink_to(tmp_path / "place")
    (tmp_path / "place" / "nowhere.csv").symlink_to(tmp_path / "missing")

    connector_of(files(f"{tmp_path}/place", quiet_seconds=0)).fetch(None, tmp_path / "inbox")

    assert names(tmp_path / "inbox") == ["a.csv"]


def test_a_bucket_may_have_a_file_and_a_folder_of_one_name(s3, tmp_path, monkeypatch):
    monkeypatch.setenv("S3_KEY", "AKIAEXAMPLE")
    monkeypatch.setenv("S3_SECRET", S3_SECRET)
    store = boto3.client(
        "s3", endpoint_url=s3, aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"
    )
    store.create_bucket(Bucket="both-of-one-name")
    long = "月" * 120 + ".csv"
    for name in ("day", "day/orders.csv", long):
        store.put_object(Bucket="both-of-one-name", Key=f"x/{name}", Body=name.encode())
    keys = {"access_key": "env:S3_KEY", "secret_key": "env:S3_SECRET"}
    declared = files("s3://both-of-one-name/x", endpoint=s3, region="us-east-1", quiet_seconds=0, **keys)

    first = connector_of(declared).fetch(None, tmp_path / "inbox")
    again = connector_of(declared).fetch(None, tmp_path / "inbox")

    assert sorted(path.read_text() for path in first.files) == ["day", "day/orders.csv", long]
    assert again.files == first.files


def test_a_hidden_name_is_meant_only_by_a_pattern_that_says_so():
    assert not is_meant(".git/a.csv", "**")
    assert not is_meant("x/.a.csv", "**/*.csv")
    assert is_meant(".export/a.csv", ".export/*")


@contextmanager
def answering(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """The address of a server that answers every GET in one way, and has no HEAD."""

    class Handler(http.server.BaseHTTPRequestHandler):
        do_GET = answer  # noqa: N815 - named by the server

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def test_a_server_without_head_names_its_file(tmp_path):
    def answer(request):
        request.send_response(200)
        request.send_header("Content-Disposition", 'attachment; filename="../members of 2026.csv"')
        request.send_header("Content-Length", "5")
        request.end_headers()
        request.wfile.write(b"id\n1\n")

    with answering(answer) as address:
        connector_of(files(f"{address}/export")).fetch(None, tmp_path / "inbox")

    assert names(tmp_path / "inbox") == ["members of 2026.csv"]


def test_a_url_without_an_ending_gets_that_of_its_type_and_an_answer_that_is_cut_off_no_file(tmp_path):
    def answer(request):
        request.send_response(200)
        request.send_header("Content-Type", "text/csv; charset=utf-8")
        request.send_header("Content-Length", "5" if request.path == "/whole" else "500")
        request.end_headers()
        request.wfile.write(b"id\n1\n")

    with answering(answer) as address:
        connector_of(files(f"{address}/whole")).fetch(None, tmp_path / "inbox")
        with pytest.raises(FetchError, match="cannot be read"):
            connector_of(files(f"{address}/cut")).fetch(None, tmp_path / "inbox")

    assert names(tmp_path / "inbox") == ["whole.csv"]


def test_an_error_has_no_signature_of_an_address_that_a_server_leads_to(tmp_path):
    def answer(request):
        request.send_response(302 if request.path == "/export.csv" else 403)
        request.send_header("Location", "/store/export.csv?X-Signature=signed-by-the-store")
        request.end_headers()

    with answering(answer) as address, pytest.raises(FetchError, match="403") as raised:
        connector_of(files(f"{address}/export.csv")).fetch(None, tmp_path / "inbox")

    assert "signed-by-the-store" not in str(raised.value)


@pytest.mark.parametrize("address", ["ftp://host/exports", "exports/a.csv", "sftp://host/exports"])
def test_an_address_that_is_a_secret_has_to_work_as_well(address, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPORTS", address)

    with pytest.raises(FetchError, match=r"expected|sftp needs"):
        connector_of(files("env:EXPORTS")).fetch(None, tmp_path / "inbox")


def test_a_token_does_not_travel_without_tls():
    with pytest.raises(ValidationError, match="without TLS"):
        files("http://exports.example/members.csv", token="env:TOKEN")


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
