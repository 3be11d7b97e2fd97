"""What a declaration is drafted from is read as landing reads it, without a declared field."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_orchestration.landing.samples import sample_of_file
from cdp_orchestration.sources.drafting.samples import SAMPLE_ROWS, SampleError


def _columns(path: Path, content: bytes) -> dict[str, tuple[str | None, ...]]:
    path.write_bytes(content)
    return dict(sample_of_file(path).columns)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b'id,note,none\n1,"x, y",\n2,,\n'),
        ("a.csv", b"\xef\xbb\xbfsep=;\r\nid;note;none\r\n1;x, y;\r\n2;;\r\n"),
        ("a.tsv", b"id\tnote\tnone\n1\tx, y\t\n2\t\t\n"),
        ("a.txt", b"id|note|none\n1|x, y|\n2||\n"),
        ("a.jsonl", b'{"id": 1, "note": "x, y"}\n{"id": 2, "none": null}\n'),
        ("a.json", b'[{"id": 1, "note": "x, y"}, {"id": 2, "none": null}]'),
    ],
)
def test_each_form_of_text_gives_its_columns_also_those_without_a_value(
    tmp_path: Path, name: str, content: bytes
) -> None:
    expected = {"id": ("1", "2"), "note": ("x, y", None), "none": (None, None)}
    assert _columns(tmp_path / name, content) == expected


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (b"name, first and last;id\nAda;1\n", ["name, first and last", "id"]),
        (b"id;first, last, other\n1;Ada\n", ["id", "first, last, other"]),
        (b'"first, last";id\n"Byron, Ada";1\n', ["first, last", "id"]),
    ],
)
def test_the_sign_between_values_is_the_one_that_splits_header_and_rows_alike(
    tmp_path: Path, content: bytes, columns: list[str]
) -> None:
    assert list(_columns(tmp_path / "a.csv", content)) == columns


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (b'{"id": 1, "items": [{"id": 7}, {"id": 8}]}', ("1",)),
        (b'{"items": [{"id": 7}, {"id": 8}], "next": "/2"}', ("7", "8")),
    ],
)
def test_an_object_with_an_id_is_a_row_and_one_without_is_the_answer_of_an_api(
    tmp_path: Path, content: bytes, ids: tuple[str, ...]
) -> None:
    assert _columns(tmp_path / "a.jsonl", content)["id"] == ids


def test_members_of_objects_are_columns_of_their_own(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2], "who": [{"email": "ada@example.org"}, None]}), tmp_path / "a.parquet")
    columns = sample_of_file(tmp_path / "a.parquet").columns
    assert columns["id"] == ("1", "2")
    assert columns["who.email"] == ("ada@example.org", None)


def test_of_many_rows_the_first_are_taken(tmp_path: Path) -> None:
    content = b"id\n" + b"".join(b"%d\n" % number for number in range(3 * SAMPLE_ROWS))
    assert len(_columns(tmp_path / "a.csv", content)["id"]) == SAMPLE_ROWS


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "id;Straße\n1;Große\n".encode("cp1252"), r"a\.csv cannot be read: .*Latin-1.*export it as UTF-8"),
        ("a.csv", b"", r"a\.csv cannot be read: the file has no content"),
        ("a.csv", b"id,name\n", "The sample has no rows"),
        ("a.jsonl", b'{"id": "secret', "The sample has no rows"),
        ("a.xls", b"\xd0\xcf\x11\xe0 secret", r"a\.xls cannot be read: .*workbook"),
        ("a.xlsx", b"secret", r"a\.xlsx cannot be read"),
        ("a.parquet", b"secret", r"a\.parquet cannot be read"),
        ("a.7z", b"secret", r"a\.7z cannot be read"),
        ("a.dat", b"secret", r"a\.dat cannot be read"),
    ],
)
def test_a_file_that_is_no_sample_is_refused_without_its_rows(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(SampleError, match=reason) as refused:
        _columns(tmp_path / name, content)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match=r"a\.csv is no file"):
        sample_of_file(tmp_path / "a.csv")
