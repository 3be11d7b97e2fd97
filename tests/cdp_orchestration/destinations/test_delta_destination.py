"""Delta tables in a folder and in a bucket: a commit a table, versions in a pointer, nothing written twice."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from s3_server import ACCESS, ACCESS_KEY, SECRET_KEY, running_s3
from small_releases import COLUMNS, FIRST, SECOND, THIRD, make_live, profile, rows_of

from cdp_orchestration.destinations import PassingDestinationError, delta, publish_to, standings
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.pointer import point_to

pytestmark = pytest.mark.slow


def declare(home: Path, path: str, **more: object) -> Settings:
    home.mkdir(exist_ok=True)
    declared = {"kind": "delta", "path": path, "retries": 0, **more}
    (home / "destinations.yml").write_text(json.dumps({"destinations": {"lake": declared}}), encoding="utf-8")
    return Settings(home)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return declare(tmp_path / "home", f"{tmp_path}/lake")


def rows_at(settings: Settings, name: str, version: int | None = None) -> list[dict[str, Any]]:
    table = DeltaTable(f"{settings.home.parent}/lake/{name}", version=version)
    return pa.table(table.to_pyarrow_table() if hasattr(table, "to_pyarrow_table") else table).to_pylist()


def pointer(settings: Settings) -> dict[str, Any]:
    return dict(json.loads((settings.home.parent / "lake" / "CURRENT.json").read_text(encoding="utf-8")))


def test_a_release_is_one_commit_a_table_and_the_pointer_names_the_versions(settings: Settings) -> None:
    make_live(settings.home, FIRST, rows_of(2))
    sent = publish_to(settings, "lake")
    assert (sent.is_new, sent.table_count, sent.sent_tables) == (True, 3, ("match_edges", "profiles", "touchpoints"))
    (row, _) = rows_at(settings, "profiles")
    at = datetime(2026, 1, 1, 10, 0, 0, 123456)  # noqa: DTZ001 - as the contract has it
    assert (row["profile_id"], row["tags"], row["updated_at"]) == ("p0", ["a, b", "c"], at)
    assert row["seen_at"].astimezone(UTC) == at.replace(tzinfo=UTC)
    assert pointer(settings)["release_id"] == FIRST
    assert pointer(settings)["tables"] == {"match_edges": 0, "profiles": 0, "touchpoints": 0}
    (commit,) = DeltaTable(f"{settings.home.parent}/lake/profiles").history()
    assert (commit[delta.RELEASE], len(commit[delta.CONTENT])) == (FIRST, 64)
    assert publish_to(settings, "lake").is_new is False
    assert len(DeltaTable(f"{settings.home.parent}/lake/profiles").history()) == 1


def test_a_table_that_is_the_same_is_not_written_and_the_former_release_stays_readable(settings: Settings) -> None:
    make_live(settings.home, FIRST, rows_of(1))
    publish_to(settings, "lake")
    before = pointer(settings)["tables"]
    grown = {**COLUMNS, "profiles": {**COLUMNS["profiles"], "is_new": "boolean"}}
    make_live(settings.home, SECOND, {**rows_of(2), "profiles": [(*profile("p9"), True)]}, grown)
    assert publish_to(settings, "lake").sent_tables == ("profiles", "touchpoints")
    after = pointer(settings)["tables"]
    assert (after["match_edges"], after["profiles"] > before["profiles"]) == (before["match_edges"], True)
    assert [row["is_new"] for row in rows_at(settings, "profiles", after["profiles"])] == [True]
    assert [row["profile_id"] for row in rows_at(settings, "profiles", before["profiles"])] == ["p0"]
    point_to(settings.releases, FIRST, datetime.now(UTC), former=[SECOND])
    publish_to(settings, "lake")
    assert [row["profile_id"] for row in rows_at(settings, "profiles")] == ["p0"]
    assert pointer(settings)["release_id"] == FIRST


def test_one_that_was_killed_between_two_tables_leaves_the_pointer_and_is_ended_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_live(settings.home, FIRST, rows_of(1))
    publish_to(settings, "lake")
    former = pointer(settings)
    make_live(settings.home, SECOND, rows_of(2))
    write = delta.DeltaPublisher._write

    def killed(publisher: delta.DeltaPublisher, table: Any, release_id: str) -> None:
        if table.name == "touchpoints":
            raise KeyboardInterrupt
        write(publisher, table, release_id)

    with monkeypatch.context() as patched:
        patched.setattr(delta.DeltaPublisher, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            publish_to(settings, "lake")
    assert pointer(settings) == former
    # Who reads the versions that the pointer names sees one release
    counts = {name: len(rows_at(settings, name, version)) for name, version in former["tables"].items()}
    assert counts == {"match_edges": 2, "profiles": 1, "touchpoints": 1}
    assert publish_to(settings, "lake").sent_tables == ("touchpoints",)
    assert pointer(settings)["release_id"] == SECOND


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server that speaks S3."""
    with running_s3() as address:
        yield address


def test_a_bucket_holds_them_too_and_an_error_repeats_no_secret(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_KEY", ACCESS_KEY)
    monkeypatch.setenv("S3_SECRET", SECRET_KEY)
    access = {"endpoint": s3, **ACCESS}
    client = boto3.client(
        "s3",
        endpoint_url=s3,
        region_name="eu-west-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )
    client.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    settings = declare(tmp_path / "home", "s3://lake/cdp", tables=["touchpoints"], **access)
    for release_id, count in ((FIRST, 1), (SECOND, 3)):
        make_live(settings.home, release_id, rows_of(count))
        publish_to(settings, "lake")
    found = json.loads(client.get_object(Bucket="lake", Key="cdp/CURRENT.json")["Body"].read())
    assert (found["release_id"], list(found["tables"])) == (SECOND, ["touchpoints"])
    declare(tmp_path / "home", "s3://no-such-bucket/cdp", tables=["touchpoints"], **access)
    make_live(settings.home, THIRD, rows_of(4))
    with pytest.raises(PassingDestinationError, match="lake at s3://no-such-bucket/cdp") as raised:
        publish_to(settings, "lake")
    assert SECRET_KEY not in str(raised.value)
    assert [each.is_behind for each in standings(settings)] == [True]


def test_nothing_older_stays_where_only_the_newest_may(settings: Settings) -> None:
    make_live(settings.home, FIRST, {"profiles": [profile("a", "zoe@mail.example"), profile("b")]})
    publish_to(settings, "lake")
    make_live(settings.home, SECOND, {"profiles": [profile("b")]})
    publish_to(settings, "lake", only_newest=True)
    assert [row["profile_id"] for row in rows_at(settings, "profiles")] == ["b"]
    assert rows_at(settings, "profiles", pointer(settings)["tables"]["profiles"]) == rows_at(settings, "profiles")
    folder = settings.home.parent / "lake"
    texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert not any(b"zoe@" in text for text in texts)
    # What is published next is written as ever
    make_live(settings.home, THIRD, {"profiles": [profile("b"), profile("c")]})
    publish_to(settings, "lake")
    assert [row["profile_id"] for row in rows_at(settings, "profiles")] == ["b", "c"]
