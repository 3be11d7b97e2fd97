"""Decisions are kept in order, and no entry can be changed, removed or added without being found."""

import json
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.errors import DamagedAuditError
from cdp_orchestration.home.audit import broken_links, entries_query, read_audit, record, was_recorded


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    record(path, "release", "r1", by="run 1", details={"tables": 3})
    record(path, "rollback", "r0", by="Ada", why="test orders — ünïcode")
    record(path, "pin", "r1", by="Ada", why="a report")
    return path


def test_an_entry_says_what_was_done_and_who_did_it(file: Path) -> None:
    entries = read_audit(file)
    assert [(each.number, each.action, each.subject, each.by, each.why) for each in entries] == [
        (1, "release", "r1", "run 1", ""),
        (2, "rollback", "r0", "Ada", "test orders — ünïcode"),
        (3, "pin", "r1", "Ada", "a report"),
    ]
    assert list(broken_links(entries)) == []


def test_entries_are_rows_of_a_query_and_a_damaged_line_is_a_row_without_values(file: Path) -> None:
    with file.open("a", encoding="utf-8") as log:
        log.write("no entry\n")
    columns = "number, action, subject, done_by, details ->> 'tables', done_at is not null"
    query = f"select {columns} from ({entries_query(file)})"
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchall() == [
            (1, "release", "r1", "run 1", "3", True),
            (2, "rollback", "r0", "Ada", None, True),
            (3, "pin", "r1", "Ada", None, True),
            (None, None, None, None, None, False),
        ]
        file.write_text("", encoding="utf-8")
        assert connection.execute(query).fetchall() == []


@pytest.mark.parametrize("name", ["at", "action", "subject", "by", "why", "details"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_changed_entry_is_found(file: Path, name: str, number: int) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[number] = json.dumps(json.loads(lines[number]) | {name: "other"})
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert list(broken_links(read_audit(file))) == [f"entry {number + 1} was changed"]


def test_a_removed_entry_is_found(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([lines[0], lines[2]]) + "\n", encoding="utf-8")
    assert list(broken_links(read_audit(file))) == [
        "entry 3 stands at place 2: an entry was removed, added or moved before it"
    ]


def test_an_entry_that_was_signed_anew_breaks_the_one_after_it(file: Path) -> None:
    other = file.with_name("other.jsonl")
    record(other, "release", "r9", by="somebody")
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([other.read_text(encoding="utf-8").strip(), *lines[1:]]) + "\n", encoding="utf-8")
    assert list(broken_links(read_audit(file))) == [
        "entry 2 does not follow the one before it, which was changed or replaced"
    ]


@pytest.mark.parametrize("line", ["{", "[]", '{"number": 4}', "\x00"])
def test_a_line_that_is_no_entry_is_named_and_stops_no_decision(file: Path, line: str) -> None:
    with file.open("a", encoding="utf-8") as opened:
        opened.write(line + "\n")
    assert record(file, "pin", "r1", by="Ada").number == 5
    with pytest.raises(DamagedAuditError, match=r"audit\.jsonl line 4 is no entry"):
        read_audit(file)
    assert was_recorded(file, "pin", "r1")
    assert not was_recorded(file, "pin", "r2")


@pytest.mark.parametrize("length", [1, 20, 100])
def test_an_entry_that_a_crash_has_cut_never_was(file: Path, length: int) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole + whole.splitlines()[-1][:length])
    assert len(read_audit(file)) == 3
    record(file, "unpin", "r1", by="Ada")
    assert [each.action for each in read_audit(file)] == ["release", "rollback", "pin", "unpin"]
    assert list(broken_links(read_audit(file))) == []
