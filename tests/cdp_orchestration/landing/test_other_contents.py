"""A content of another kind than its name says is read where it is data, and refused as what it is where it is none."""

import bz2
import gzip
import io
import json
import lzma
import tarfile

import pytest

TIME = "2026-03-01T10:00:00Z"
CSV = f"Id,FirstName,SystemModstamp\n1,Ada,{TIME}\n".encode()
JSON = json.dumps({"Id": "1", "FirstName": "Ada", "SystemModstamp": TIME}).encode()


def tar(content):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("a.csv")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", bz2.compress(CSV * 100), "bzip2"),
        ("a.csv", lzma.compress(CSV), "xz"),
        ("a.csv", b"7z\xbc\xaf\x27\x1c\x00", "7-Zip"),
        ("a.jsonl", b"%PDF-1.7\n", "PDF"),
        ("a.csv", b"SQLite format 3\0\x10\0", "a SQLite database"),
        ("a.parquet", b"PARE\x15\x00", "an encrypted Parquet file"),
        ("a.csv.gz", gzip.compress(tar(CSV), mtime=0), "tar"),
        ("a.csv", b"\n<!DOCTYPE html>\n<html>Log in</html>", "a page of HTML or XML"),
        ("a.json", b"\xef\xbb\xbf<?xml version='1.0'?><rows/>", "a page of HTML or XML"),
    ],
)
def test_another_kind_of_file_is_refused_as_what_it_is(contacts, name, content, kind):
    contacts.deliver(name, content)
    contacts.land()
    assert contacts.refusals() == [(name, None, None, "other_kind_of_file")]
    assert f"found: {kind}" in contacts.query("select message from operations.quarantined")[0][0]


@pytest.mark.parametrize("letters", ["PARENT", "ORC", "BZh", "Rar!", "Obj"])
def test_a_heading_may_begin_as_another_kind_of_file_does(contacts, letters):
    contacts.deliver("a.csv", letters.encode() + b"_x," + CSV.replace(b"\n1,", b"\nx,1,"))
    contacts.land()
    assert contacts.landed("Id, FirstName") == [("1", "Ada")]


@pytest.mark.parametrize(
    "content", [JSON + b"\n", b" [" + JSON + b"]", b"{\n" + JSON[1:]], ids=["line", "list", "pretty"]
)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.csv.gz"])
def test_json_under_the_name_of_a_text_is_read_as_json(contacts, name, content):
    contacts.deliver(name, gzip.compress(content) if name.endswith(".gz") else content)
    contacts.land()
    assert contacts.landed("Id, FirstName") == [("1", "Ada")]


@pytest.mark.parametrize("depth", [1_500, 20_000])
def test_an_object_that_is_nested_too_deeply_for_any_reader_costs_its_row_alone(contacts, depth):
    deep = JSON[:-1] + b', "x": ' + b"[" * depth + b"]" * depth + b"}\n"
    contacts.deliver("a.jsonl", deep + JSON + b"\n")
    contacts.land()
    assert contacts.lines() == [("a.jsonl", 2)]
    assert [(line, reason) for _, line, _, reason in contacts.refusals()] == [(1, "invalid_json")]


def test_tabs_and_breaks_within_a_string_of_json_are_read(contacts):
    contacts.deliver("a.jsonl", JSON.replace(b"Ada", b"A\td\x01a") + b"\n")
    contacts.land()
    assert contacts.landed("FirstName") == [("A\td\x01a",)]
