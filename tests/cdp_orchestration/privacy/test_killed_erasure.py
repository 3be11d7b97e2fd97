"""An erasure that was killed before any of its files was in place is ended by doing it again."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.landing.erasure.erased_people import read_suppressed
from cdp_orchestration.privacy.closure import find_closure
from cdp_orchestration.privacy.erasing import begin_erasure, remove_people
from cdp_orchestration.privacy.requests import pending_erasures
from cdp_orchestration.privacy.settings import PrivacySettings
from cdp_orchestration.sources import declared_stream, declared_streams
from tests.cdp_orchestration.privacy.conftest import AT, ZOE, contact

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
OF_MAX = {
    "id": "T1",
    "requester_id": "72",
    "description": "Zoe@mail.example is my wife",
    "created_at": AT,
    "updated_at": AT,
}


class Killed(BaseException):
    """What no part of a program catches."""


@pytest.fixture
def home(delivered_home: Settings) -> Settings:
    """The home with a refused row and a page that name Zoe, a text of Max that does, and her request."""
    for name, rows in {"crm/contacts": [contact("", Email="zoe@mail.example")], "support/tickets": [OF_MAX]}.items():
        path = delivered_home.inbox / name / "b.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        land_stream(declared_stream(name, delivered_home), delivered_home)
    page = delivered_home.home / "reports" / "page.html"
    page.parent.mkdir()
    page.write_text("<p>zoe@mail.example</p>", encoding="utf-8")
    with open_warehouse(delivered_home.warehouse) as connection:
        closure = find_closure(connection, delivered_home, [ZOE])
    begin_erasure(delivered_home, closure, "T-1", "ada", "", NOW)
    return delivered_home


@contextmanager
def killed_before(count: int | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Let so many files be put in place, None for any number, and kill before the next; yield these files."""
    done: list[Path] = []
    put_in_place = Path.replace

    def replace(path: Path, target: Path) -> Path:
        if len(done) == count:
            raise Killed
        done.append(Path(target))
        return put_in_place(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        yield done


def erase(home: Settings) -> None:
    (pending,) = pending_erasures(home)
    remove_people(home, pending, PrivacySettings(), NOW)


def state_of(home: Settings) -> dict[str, Any]:
    """Return all that an erasure writes, without the times at which it did."""
    with open_warehouse(home.warehouse) as connection:
        streams = [each for each in declared_streams(home) if (home.landing / each.source / each.name).exists()]
        landed = {
            each.table: connection.execute(
                f"select * exclude (_loaded_at, _batch_id) from landing.{each.table} order by all"
            ).fetchall()
            for each in streams
        }
        counts = connection.execute(
            "select source_file, row_count from operations.landing_batches order by all"
        ).fetchall()
    refused = {
        path.parent.name: pq.read_table(path)["raw_row"].to_pylist() for path in home.quarantine.rglob("*.parquet")
    }
    files = {
        path.relative_to(home.home).as_posix(): path.read_bytes()
        for folder in (home.inbox, home.home / "reports")
        for path in folder.rglob("*")
        if path.is_file()
    }
    names = {(each.kind, each.request_id) for each in read_suppressed(home)}
    return {"landed": landed, "counts": counts, "refused": refused, "files": files, "names": names}


@pytest.mark.slow
@pytest.mark.parametrize("is_each", [False, pytest.param(True, marks=pytest.mark.long)])
def test_an_erasure_that_was_killed_before_a_file_ends_as_one_that_was_not(
    home: Settings, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, is_each: bool
) -> None:
    before = shutil.copytree(home.home, tmp_path_factory.mktemp("before") / "home")
    with killed_before(None, monkeypatch) as done:
        erase(home)
    expected = state_of(home)
    assert b"zoe@" not in repr(expected).encode().lower()
    first = {(path.relative_to(home.home).parts[0], path.suffix): count for count, path in reversed([*enumerate(done)])}
    assert {
        ("landing", ".parquet"),
        ("quarantine", ".parquet"),
        ("inbox", ".jsonl"),
        ("reports", ".html"),
    } <= first.keys()
    for count in range(len(done)) if is_each else first.values():
        shutil.rmtree(home.home)
        shutil.copytree(before, home.home)
        with killed_before(count, monkeypatch), pytest.raises(Killed):
            erase(home)
        erase(home)
        assert state_of(home) == expected, f"killed before file {count}, {done[count].name}"
