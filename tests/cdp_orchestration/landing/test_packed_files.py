"""Archives with one file, zstandard and workbooks: read where they hold one thing, else refused with what they hold."""

import io
import zipfile

import pyarrow as pa
import pytest

from cdp_orchestration.landing.files import archives, workbooks
from cdp_orchestration.landing.samples import sample_of_file

CSV = b"Id,FirstName,SystemModstamp\n1,Ada,2026-03-01T10:00:00Z\n2,Bo,2026-03-01T10:00:00Z\n"
JSON = b'{"Id": "1", "SystemModstamp": "2026-03-01T10:00:00Z"}\n'
# Days since 1899-12-30: what a spreadsheet stores of 2 March 2026, and of 10:00:30 on that day
DAY, TIME = 46083, 46083.417013888886


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return content.getvalue()


def zstandard(data: bytes) -> bytes:
    packed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, "zstd") as stream:
        stream.write(data)
    return packed.getvalue().to_pybytes()


def cell(value: object) -> str:
    if isinstance(value, tuple):  # number with a style, or the formula and its last value
        shape, stored = value
        return (
            f'<c s="{shape}"><v>{stored}</v></c>' if isinstance(shape, int) else f"<c><f>{shape}</f><v>{stored}</v></c>"
        )
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return "<c/>" if value is None else f"<c><v>{value}</v></c>"


def workbook(*sheets: list[list[object]]) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    numbers = range(1, len(sheets) + 1)
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
    links = "".join(
        f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/s{n}.xml"/>' for n in numbers
    )
    links += f'<Relationship Id="styles" Type="{office}/styles" Target="styles.xml"/>'
    styles = '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs>'
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">{links}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}">{styles}</styleSheet>',
    }
    for number, rows in enumerate(sheets, start=1):
        body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
        parts[f"xl/worksheets/s{number}.xml"] = f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
    return zipped(*((name, text.encode()) for name, text in parts.items()))


SHEET = [
    ["Id", "FirstName", "SystemModstamp", "Age"],
    [1, "Ada", (2, TIME), 3.5],
    [2.0, "Bo, Jr.", (1, DAY), ("1+1", 2)],
]


@pytest.mark.parametrize(
    ("name", "content", "count"),
    [
        ("a.zip", zipped(("contacts.csv", CSV)), 2),
        ("a.zip", zipped(("export/", b""), ("export/a.jsonl", JSON), ("__MACOSX/export/._a.jsonl", b"x")), 1),
        ("a.csv.zip", zipped(("contacts", CSV)), 2),
        ("a.csv", zipped(("contacts.csv", CSV)), 2),
        ("A.ZIP", zipped(("book.xlsx", workbook(SHEET))), 2),
        ("a.csv.zst", zstandard(CSV), 2),
        ("a.zst", zstandard(JSON), 1),
        ("a.jsonl", zstandard(JSON), 1),
        ("a.csv.zst", zstandard(CSV) + zstandard(b"3,Cy,2026-03-01T10:00:00Z\n"), 3),
        ("a.xlsx", workbook(SHEET), 2),
        ("a.csv", workbook(SHEET), 2),
    ],
)
def test_a_file_that_holds_one_thing_is_read(contacts, name, content, count):
    path = contacts.deliver(name, content)
    assert contacts.land().rows_landed == count
    assert contacts.refusals() == []
    assert sample_of_file(path).row_count == count


@pytest.mark.parametrize("packed", [lambda data: zipped(("x.parquet", data)), zstandard])
def test_parquet_in_an_archive_or_zstandard_is_read(contacts, packed):
    content = contacts.deliver("a.parquet", contacts.rows(2)).read_bytes()
    (contacts.folder / "a.parquet").unlink()
    contacts.deliver("a.zip" if content[:2] == b"PK" else "b.zst", packed(content))
    assert contacts.land().rows_landed == 2


@pytest.mark.parametrize(
    "content",
    [
        zipped(("a.csv", CSV), ("b.csv", CSV)),
        zipped(),
        zipped(("../a.csv", CSV)),
        zipped(("/etc/a.csv", CSV)),
        zipped(("C:\\a.csv", CSV)),
        zipped(("a.zip", zipped(("a.csv", CSV)))),
        zipped(("a.csv", CSV))[:-30],
        zipped(("a.csv", CSV * 99), method=zipfile.ZIP_STORED).replace(b"Ada", b"Eve"),
        zipped(("a.csv", CSV)).replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
    ],
    ids=["several", "none", "parent", "root", "drive", "nested", "cut off", "wrong sum", "encrypted"],
)
def test_an_archive_of_anything_else_is_refused_and_writes_nothing(contacts, content):
    contacts.deliver("a.zip", content)
    contacts.land()
    assert contacts.refusals() == [("a.zip", None, None, "archive")]
    assert not list(contacts.settings.home.parent.rglob("*a.csv"))


@pytest.mark.parametrize("content", [b"no", zstandard(CSV * 9)[:-8]])
def test_zstandard_that_is_none_or_cut_off_is_refused(contacts, content):
    contacts.deliver("a.csv.zst", content)
    contacts.land()
    assert contacts.refusals() == [("a.csv.zst", None, None, "broken_zstandard")]


@pytest.mark.parametrize(("name", "pack"), [("a.zip", lambda data: zipped(("a.csv", data))), ("a.csv.zst", zstandard)])
def test_a_file_that_unpacks_to_many_times_its_size_is_refused(contacts, monkeypatch, name, pack):
    monkeypatch.setattr(archives, "MAX_LINE_BYTES", 64 * 1024)
    contacts.deliver(name, pack(b"\n" * 20_000_000))
    contacts.land()
    assert contacts.refusals() == [(name, None, None, "unpacked_too_large")]


def test_a_workbook_that_unpacks_to_more_than_its_limit_is_refused(contacts, monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_WORKBOOK_BYTES", 1000)
    contacts.deliver("a.xlsx", workbook(SHEET))
    contacts.land()
    assert contacts.refusals() == [("a.xlsx", None, None, "unpacked_too_large")]


def test_a_row_of_a_workbook_is_a_line_with_numbers_and_times_as_a_person_sees_them(contacts):
    contacts.deliver("a.xlsx", workbook(SHEET, [["Id"], ["of the second sheet"]]))
    contacts.land()
    assert contacts.landed("Id, FirstName, strftime(SystemModstamp, '%d %H:%M:%S'), _extra, _source_line") == [
        ("1", "Ada", "02 10:00:30", '{"Age":"3.5"}', 2),
        ("2", "Bo, Jr.", "02 00:00:00", '{"Age":"2"}', 3),
    ]


def test_digits_that_a_spreadsheet_has_lost_refuse_the_row(contacts):
    contacts.deliver("a.xlsx", workbook([SHEET[0], SHEET[1], [1234567890123456, "Cy", (1, DAY), None]]))
    contacts.land()
    assert contacts.refusals() == [("a.xlsx", 3, "Id", "lost_digits")]


def test_a_sheet_without_a_cell_has_no_content(contacts):
    contacts.deliver("a.xlsx", workbook([]))
    contacts.land()
    assert contacts.refusals() == [("a.xlsx", None, None, "empty_file")]
