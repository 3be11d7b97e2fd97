"""Texts that are not UTF-8: by their own mark, or as their stream declares; wrong letters never land."""

import gzip
import io

import pytest

from cdp_orchestration.landing.files.encodings import in_utf8
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources.file_forms import FileForms
from tests.cdp_orchestration.landing.test_packed_files import workbook, zipped, zstandard

TEXT = "Id,FirstName,SystemModstamp\n1,€5 “Zoë”,2026-03-01T10:00:00Z\n"
JAPANESE = "Id,FirstName,SystemModstamp\n1,山田,2026-03-01T10:00:00Z\n"
CP1252 = TEXT.encode("cp1252")


def message(feed):
    return feed.query("select message from operations.quarantined")[0][0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CP1252),
        ("a.csv", CP1252.replace(b"\n", b"\r\n")),
        ("a.csv.gz", gzip.compress(CP1252, mtime=0)),
        ("a.zip", zipped(("contacts.csv", CP1252))),
        ("a.csv.zst", zstandard(CP1252)),
        ("a.jsonl", '{"Id": "1", "FirstName": "€5 “Zoë”", "SystemModstamp": "2026-03-01"}\n'.encode("cp1252")),
        ("a.json", '[{"Id": "1", "FirstName": "€5 “Zoë”", "SystemModstamp": "2026-03-01"}]'.encode("cp1252")),
    ],
)
def test_a_text_of_the_declared_encoding_is_read(feed_with, name, content):
    feed = feed_with(encoding="windows-1252")
    feed.deliver(name, content)
    feed.land()
    assert feed.landed("Id, FirstName") == [("1", "€5 “Zoë”")]
    assert feed.refusals() == []


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("latin-1", "Zoë"),
        ("cp1250", "Łukasz Żółć"),
        ("iso-8859-15", "Œuvre €"),
        ("koi8-r", "Анна"),
        ("shift_jis", "山田"),
        ("cp932", "髙橋①"),
        ("gb18030", "王小明"),
        ("euc-kr", "김민수"),
        ("utf-16-le", "Zoë"),
        ("utf-16", "Zoë"),
        ("utf-16-be", "Zoë"),
        ("cp037", "Ada"),
    ],
)
def test_any_encoding_that_python_knows_may_be_declared(feed_with, declared, written):
    feed = feed_with(encoding=declared)
    without_mark = {"utf-16": "utf-16-le"}.get(declared, declared)
    feed.deliver("a.csv", TEXT.replace("€5 “Zoë”", written).encode(without_mark))
    feed.land()
    assert feed.landed("Id, FirstName, _source_line") == [("1", written, 2)]


@pytest.mark.parametrize("declared", ["utf-8", "cp1252", "shift_jis", "utf-16-le"])
@pytest.mark.parametrize("marked", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("name", ["a.csv", "a.txt.gz", "1790.gz"])
def test_a_byte_order_mark_counts_more_than_the_declaration(feed_with, declared, marked, name):
    feed = feed_with(encoding=declared)
    content = JAPANESE.encode(marked)
    feed.deliver(name, gzip.compress(content) if name.endswith(".gz") else content)
    feed.land()
    assert feed.landed("Id, FirstName") == [("1", "山田")]


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("cp1252", "€5 “Zoë”"),
        ("latin-1", "Zoë"),
        ("shift_jis", "山田"),
        ("cp932", "髙橋"),
        ("gbk", "王小明"),
        ("big5", "王"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_text_that_is_plainly_utf_8_is_read_as_such_whatever_is_declared(feed_with, declared, written, name):
    feed = feed_with(encoding=declared)
    feed.deliver(name, [feed.row(1, FirstName=written)])
    feed.land()
    assert feed.landed("FirstName") == [(written,)]


def test_two_letters_that_may_be_utf_8_by_chance_are_those_of_the_declared_encoding(feed_with):
    feed = feed_with(encoding="gbk")
    written = "拢陇"  # the bytes of £ and ¤ in UTF-8
    feed.deliver("a.csv", TEXT.replace("€5 “Zoë”", written).encode("gbk"))
    feed.land()
    assert feed.landed("FirstName") == [(written,)]


@pytest.mark.parametrize(
    ("declared", "content", "line"),
    [
        ("cp1252", TEXT.encode("cp1252") + b"2,A\x81,2026-03-01\n", 3),
        ("latin-1", CP1252, 2),
        ("shift_jis", (JAPANESE + "2,髙橋,2026-03-01\n").encode("cp932"), 3),
        ("ascii", TEXT.encode("cp1252"), 2),
    ],
)
def test_bytes_that_the_declared_encoding_does_not_have_refuse_the_file_and_name_the_line(
    feed_with, declared, content, line
):
    feed = feed_with(encoding=declared)
    feed.deliver("a.csv", content)
    assert feed.land().rows_landed == 0
    assert feed.refusals() == [("a.csv", None, None, "not_of_encoding")]
    assert f"line {line}, read as" in message(feed)
    assert "files.encoding" in message(feed)


def test_a_text_that_ends_within_a_letter_is_not_whole_yet(feed_with):
    feed = feed_with(encoding="shift_jis")
    feed.deliver("a.csv", (JAPANESE + "2,山").encode("shift_jis")[:-1])
    assert feed.land().refused_files == (("a.csv", "unfinished_file"),)
    feed.deliver("a.csv", JAPANESE.encode("shift_jis"))
    assert feed.land().rows_landed == 1


def test_half_of_a_sign_in_utf_16_is_replaced(feed_with):
    feed = feed_with(encoding="utf-16")
    feed.deliver("a.csv", TEXT.replace("“Zoë”", "\ud83d").encode("utf-16-le", "surrogatepass"))
    feed.land()
    assert feed.landed("FirstName") == [("€5 \N{REPLACEMENT CHARACTER}",)]


def test_a_text_that_is_not_utf_8_is_refused_with_the_declaration_that_would_read_it(contacts):
    contacts.deliver("a.csv", CP1252)
    contacts.land()
    assert contacts.refusals() == [("a.csv", None, None, "not_utf8")]
    assert "files: {encoding: windows-1252}" in message(contacts)


def test_a_workbook_and_parquet_have_an_encoding_of_their_own(feed_with):
    feed = feed_with(encoding="utf-16-le")
    feed.deliver("a.xlsx", workbook([["Id", "FirstName", "SystemModstamp"], ["1", "Zoë", "2026-03-01"]]))
    feed.deliver("b.parquet", [feed.row(1, FirstName="Zoë")])
    feed.land()
    assert feed.landed("FirstName") == [("Zoë",), ("Zoë",)]


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize(
    ("encoding", "text"),
    [("shift_jis", "a,山田\nb,カナ\n"), ("utf-16-le", "a,𝄞é\n"), ("cp1251", "a,Анна Иванова\n"), ("utf-8-sig", "ä\n")],
)
def test_a_letter_may_lie_across_two_pieces_of_a_file(piece_bytes, encoding, text):
    content = in_utf8(io.BytesIO(text.encode(encoding)), FileForms(encoding=encoding).encoding, piece_bytes)
    read = b"".join(iter(content.read, b""))
    assert read.decode("utf-8-sig") == text


@pytest.mark.parametrize("piece_bytes", [1, 2, 4, 1000])
@pytest.mark.parametrize("text", ["id\né", "id\n€", "id\nééé 𝄞\n", "id\nabc"])
def test_what_begins_as_utf_8_in_one_piece_is_decided_by_the_next(piece_bytes, text):
    content = in_utf8(io.BytesIO(text.encode()), "cp1252", piece_bytes)
    assert b"".join(iter(content.read, b"")).decode() == text


def test_a_wrong_letter_in_a_later_piece_is_named_by_its_line():
    content = in_utf8(io.BytesIO(b"id\n\xe9\na\nb\x81\n"), "cp1252", 4)
    with pytest.raises(FileRefusedError) as refused:
        b"".join(iter(content.read, b""))
    assert (refused.value.reason, refused.value.found) == ("not_of_encoding", "line 4, read as cp1252")
