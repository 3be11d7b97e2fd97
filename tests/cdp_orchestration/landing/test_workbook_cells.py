"""A workbook is read as a person sees it: the sheet that is shown, figures with their noughts, no cell far away."""

import io
import re
import zipfile

import pytest

from cdp_orchestration.landing.samples import sample_of_file
from cdp_orchestration.sources.drafting.samples import SampleError
from tests.cdp_orchestration.landing.test_packed_files import workbook

TIME = "2026-03-01T10:00:00Z"
HEADER = ["Id", "FirstName", "SystemModstamp"]
ADA, BO = ["1", "Ada", TIME], ["2", "Bo", TIME]
LATIN = "ABCDEFGHIJ"


def changed(book: bytes, **parts) -> bytes:
    """Return a workbook with some of its parts changed, each by what gives the new text for the old one."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            change = parts.get(name.rpartition("/")[2].removesuffix(".xml"), lambda text: text)
            new.writestr(name, change(old.read(name).decode()))
    return content.getvalue()


def with_names_of_cells(sheet: str) -> str:
    rows = sheet.split("<row>")
    for number in range(1, len(rows)):
        names = iter(LATIN)
        rows[number] = re.sub("<c( |/|>)", lambda found: f'<c r="{next(names)}{number}"{found[1]}', rows[number])  # noqa: B023
    return "<row>".join(rows)


def with_sheet_hidden(number):
    return lambda text: text.replace(f'sheetId="{number}"', f'sheetId="{number}" state="hidden"')


def with_formats(*codes):
    formats = "".join(f'<numFmt numFmtId="{164 + n}" formatCode="{code}"/>' for n, code in enumerate(codes))
    shapes = "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(codes)))
    return lambda text: text.replace("<cellXfs", f"<numFmts>{formats}</numFmts><cellXfs").replace(
        "</cellXfs>", f"{shapes}</cellXfs>"
    )


def land(feed, content):
    path = feed.deliver("a.xlsx", content)
    feed.land()
    return path


@pytest.mark.parametrize(
    ("code", "stored", "shown"),
    [
        ("00000", 1067, "01067"),
        ("00000", 123456, "123456"),
        ("0000;@", 7, "0007"),
        ("&quot;KD-&quot;0000", 42, "KD-0042"),
        ("0", 7, "7"),
        ("0.00", 7, "7"),
        ("#,##0", 7, "7"),
    ],
)
def test_a_number_that_is_shown_with_noughts_has_them(contacts, code, stored, shown):
    sheet = [
        [*HEADER, "MailingPostalCode", "AccountId"],
        [*ADA, (3, stored), stored],
        [*BO, (3, f"{stored}.0"), stored],
    ]
    land(contacts, changed(workbook(sheet), s1=with_names_of_cells, styles=with_formats(code)))
    assert contacts.landed("MailingPostalCode, AccountId") == [(shown, str(stored))] * 2


def test_an_amount_with_such_a_format_is_the_same_amount(transaction_items):
    row = transaction_items.row(1, quantity=(3, 12))
    sheet = [list(row), [value if isinstance(value, tuple | int) else str(value) for value in row.values()]]
    book = changed(workbook(sheet), styles=with_formats("0000"))
    land(transaction_items, book)
    assert transaction_items.landed("quantity::integer") == [(12,)]


def test_the_first_sheet_is_the_first_that_is_shown(contacts):
    book = workbook([HEADER, ["9", "Old", TIME]], [HEADER, ADA])
    land(contacts, changed(book, workbook=with_sheet_hidden(1)))
    assert contacts.landed("Id, FirstName") == [("1", "Ada")]


def test_a_number_counts_the_sheets_that_are_shown_and_a_name_may_be_of_a_hidden_one(feed_with):
    book = changed(workbook([["x"]], [["y"]], [HEADER, ADA]), workbook=with_sheet_hidden(1))
    for wanted in (2, "S3"):
        feed = feed_with(sheet=wanted)
        land(feed, book)
        assert feed.landed("Id") == [("1",)]
    hidden = feed_with(sheet="S1")
    land(hidden, changed(workbook([HEADER, BO]), workbook=with_sheet_hidden(1)))
    assert ("2",) in hidden.landed("Id")


def test_an_empty_sheet_before_the_table_is_not_meant(contacts):
    land(contacts, workbook([], [HEADER, ADA]))
    assert contacts.landed("Id") == [("1",)]


def test_two_sheets_of_one_form_are_refused_by_name_until_one_is_declared(contacts, feed_with):
    book = workbook([HEADER, ADA], [["Notes"]], [HEADER, BO])
    path = land(contacts, book)
    assert contacts.refusals() == [("a.xlsx", None, None, "several_sheets")]
    assert "found: S1, S3" in contacts.query("select message from operations.quarantined")[0][0]
    with pytest.raises(SampleError, match=r"found: S1, S3.*--with sheet="):
        sample_of_file(path)
    declared = feed_with(sheet=3)
    land(declared, book)
    assert declared.landed("Id") == [("2",)]


@pytest.mark.parametrize(
    "sheets", [([HEADER], [HEADER, ADA]), ([HEADER, ADA], [HEADER]), ([HEADER, ADA], [["x"], ["y"]])]
)
def test_a_sheet_without_a_row_or_of_another_form_does_not_count(contacts, sheets):
    land(contacts, workbook(*sheets))
    assert contacts.landed("Id") == [("1",)]


def test_an_export_without_rows_stays_one_beside_other_sheets(contacts):
    land(contacts, workbook([HEADER], [["Legend"], ["of words"]]))
    assert (contacts.landed("Id"), contacts.refusals()) == ([], [])


@pytest.mark.parametrize("cell", ["XFD1048576", "ZZZ9999999", "C1048576"])
def test_a_cell_far_from_all_others_refuses_the_workbook_and_not_the_machine(contacts, cell):
    far = f'<row><c r="{cell}" t="inlineStr"><is><t>.</t></is></c></row></sheetData>'
    wide = [*HEADER, *"abcdefg"]
    book = changed(workbook([wide, ADA]), s1=lambda text: with_names_of_cells(text).replace("</sheetData>", far))
    land(contacts, book)
    assert contacts.refusals() == [("a.xlsx", None, None, "far_cell")]
    assert "14 filled cells" in contacts.query("select message from operations.quarantined")[0][0]


def test_far_cells_without_a_value_are_no_cells(contacts):
    far = '<row><c r="XFD1048576" s="1"/></row></sheetData>'
    book = changed(workbook([HEADER, ADA]), s1=lambda text: with_names_of_cells(text).replace("</sheetData>", far))
    land(contacts, book)
    assert contacts.landed("Id") == [("1",)]


def test_cells_are_found_wherever_a_piece_of_the_sheet_ends(contacts, monkeypatch):
    monkeypatch.setattr("cdp_orchestration.landing.files.workbook_cells._PIECE_BYTES", 7)
    sheet = [[*HEADER, "MailingPostalCode"], *([str(n), "Ada", TIME, (3, n)] for n in range(1, 40))]
    land(contacts, changed(workbook(sheet), s1=with_names_of_cells, styles=with_formats("00000")))
    assert sorted(contacts.landed("MailingPostalCode")) == [(f"{n:05}",) for n in range(1, 40)]


def test_a_span_of_more_than_a_day_is_written_in_hours(contacts):
    sheet = [[*HEADER, "LeadSource"], [*ADA, (3, 1.5)]]
    land(contacts, changed(workbook(sheet), styles=with_formats("[h]:mm:ss")))
    assert contacts.landed("LeadSource") == [("36:00:00",)]
