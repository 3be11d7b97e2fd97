"""Files of a folder, a bucket and an SFTP server come into the inbox once, whole, and under their names."""

import gzip
import http.server
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from fetched_files import files, names, old
from pyarrow import fs
from pydantic import ValidationError
from sftp_server import running_sftp

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.files.declaration import Files
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import fetch_stream, land_stream
from cdp_orchestration.sources import declared_stream

S3_SECRET = "wJalr-secret-of-the-bucket"


Put = Callable[[str, bytes], None]


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


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Files]:
    """A declaration of a bucket with objects, of which each holds its own key."""
    monkeypatch.setenv("S3_KEY", "AKIAEXAMPLE")
    monkeypatch.setenv("S3_SECRET", S3_SECRET)

    def declared(name: str, path: str, *keys: str) -> Files:
        store = boto3.client(
            "s3", endpoint_url=s3, aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"
        )
        store.create_bucket(Bucket=name)
        for key in keys:
            store.put_object(Bucket=name, Key=key, Body=key.encode())
        access = {"access_key": "env:S3_KEY", "secret_key": "env:S3_SECRET"}
        return files(f"s3://{name}/{path}", endpoint=s3, region="us-east-1", quiet_seconds=0, **access)

    return declared


def test_a_bucket_may_have_a_file_and_a_folder_of_one_name(bucket, tmp_path):
    long = "月" * 120 + ".csv"
    declared = bucket("both-of-one-name", "x", "x/day", "x/day/orders.csv", f"x/{long}")

    first = connector_of(declared).fetch(None, tmp_path / "inbox")
    again = connector_of(declared).fetch(None, tmp_path / "inbox")

    assert sorted(path.read_text() for path in first.files) == ["x/day", "x/day/orders.csv", f"x/{long}"]
    assert again.files == first.files


def test_a_slash_at_the_end_means_the_folder_where_a_file_has_its_name(bucket, tmp_path):
    declared = bucket("folder-and-file", "x/", "x", "x/a.csv")

    assert [path.read_text() for path in connector_of(declared).fetch(None, tmp_path / "inbox").files] == ["x/a.csv"]


def test_keys_with_an_empty_part_are_named_and_hold_up_no_other(bucket, tmp_path):
    declared = bucket("slashes", "x/", "x//a.csv", "x//b.csv", "x//c.csv", "x/orders.csv")

    with pytest.raises(FetchError, match=r"the key of /a.csv has an empty part .*; expected none\. Have it") as raised:
        connector_of(declared).fetch(None, tmp_path / "inbox")

    assert [path.read_text() for path in raised.value.reached.files] == ["x/orders.csv"]


def test_a_file_that_is_written_anew_while_it_is_copied_waits_for_the_next_fetch(place, tmp_path, monkeypatch):
    declared, put = place
    old_rows, new_rows = b"1" * 3_000_000, b"2" * 3_000_000
    put("members.csv", old_rows)
    copy = shutil.copyfileobj

    def written_anew(source, target, length):
        target.write(source.read(length))
        time.sleep(1.1 if declared.path.startswith("s3") else 0)  # a bucket says times to the second
        put("members.csv", new_rows)
        if not declared.path.startswith("s3"):
            os.utime(tmp_path / "place" / "contacts" / "members.csv", (time.time() - 1800,) * 2)
        copy(source, target, length)

    with monkeypatch.context() as writing:
        writing.setattr(shutil, "copyfileobj", written_anew)
        torn = connector_of(declared).fetch(None, tmp_path / "inbox")
    whole = connector_of(declared).fetch(torn.position, tmp_path / "inbox")

    assert (torn.files, names(tmp_path / "inbox")) == ((), ["members.csv"])
    assert whole.files[0].read_bytes() == new_rows


@pytest.mark.parametrize("address", ["ftp://host/exports", "exports/a.csv", "sftp://host/exports"])
def test_an_address_that_is_a_secret_has_to_work_as_well(address, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPORTS", address)

    with pytest.raises(FetchError, match=r"expected|sftp needs"):
        connector_of(files("env:EXPORTS")).fetch(None, tmp_path / "inbox")


def test_keys_of_s3_that_expire_go_with_their_session_token(tmp_path, monkeypatch):
    for name in ("KEY", "SECRET", "SESSION"):
        monkeypatch.setenv(f"S3_{name}", f"declared-{name.lower()}")
    sent: set[str | None] = set()

    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            sent.add(self.headers.get("x-amz-security-token"))
            self.send_response(403)
            self.end_headers()

        do_GET = do_HEAD  # noqa: N815 - named by the server

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    keys = {"access_key": "env:S3_KEY", "secret_key": "env:S3_SECRET", "session_token": "env:S3_SESSION"}
    declared = files("s3://exports/x/", endpoint=f"http://127.0.0.1:{server.server_port}", region="a", **keys)
    try:
        with pytest.raises(FetchError) as refused:
            connector_of(declared).fetch(None, tmp_path / "inbox")
    finally:
        server.shutdown()

    assert sent == {"declared-session"}
    assert "declared-se" not in str(refused.value)


LISTED = b"""<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>x/a.csv</Key><Size>5</Size>
<LastModified>2026-01-01T10:00:00.000Z</LastModified></Contents></ListBucketResult>"""


@pytest.mark.parametrize("path", ["s3://exports/x/", "s3://exports/x/*.csv"])
def test_rights_on_what_lies_in_a_folder_of_a_bucket_suffice_to_read_it(tmp_path, monkeypatch, path):
    monkeypatch.setenv("S3_KEY", "AKIAEXAMPLE")
    monkeypatch.setenv("S3_SECRET", S3_SECRET)

    class OfOneFolder(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self.wfile.write(self._answer())

        def _answer(self) -> bytes:
            key, _, query = self.path.partition("?")
            body = LISTED if "list-type=2" in query else b"id\n1\n" if key == "/exports/x/a.csv" else b""
            self.send_response(200 if body else 403)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Last-Modified", "Thu, 01 Jan 2026 10:00:00 GMT")
            self.end_headers()
            return body

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OfOneFolder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    access = {"region": "eu-west-1", "access_key": "env:S3_KEY", "secret_key": "env:S3_SECRET"}
    declared = files(path, endpoint=f"http://127.0.0.1:{server.server_port}", **access)
    try:
        fetched = connector_of(declared).fetch(None, tmp_path / "inbox")
    finally:
        server.shutdown()

    assert [file.read_bytes() for file in fetched.files] == [b"id\n1\n"]


def test_a_session_token_alone_is_refused():
    with pytest.raises(ValidationError, match="session_token needs"):
        files("s3://exports/contacts/", session_token="env:S3_SESSION")
