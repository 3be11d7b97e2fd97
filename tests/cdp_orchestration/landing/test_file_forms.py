"""Files whose form a declaration states: lines above the header, no header, another sign, another sheet."""

import gzip

import pytest

from cdp_orchestration.landing.files.csv_files import read_csv
from tests.cdp_orchestration.landing.test_packed_files import workbook, zipped

HEADER = "Id,FirstName,SystemModstamp\n"
ROWS = "1,Ada,2026-03-01T10:00:00Z\n2,Bo,2026-03-01T10:00:00Z\n"
COLUMNS = ["Id", "FirstName", "SystemModstamp"]
SHEET = [["Id", "FirstName", "SystemModstamp"], ["1", "Ada", "2026-03-01"], ["2", "Bo", "2026-03-01"]]
PEOPLE = "Id, FirstName, _source_line"


def message(feed):
    return feed.query("select message from operations.quarantined")[0][0]


def land(feed, content, name="a.csv"):
    feed.deliver(name, content if isinstance(content, bytes) else content.encode())
    return feed.land()


@pytest.mark.parametrize(
    ("skipped", "text", "first_line"),
    [
        (2, "Report\nGenerated 2026\n" + HEADER + ROWS, 4),
        (2, '"Report; "x\nof "quotes\n' + HEADER + ROWS, 4),
        (2, '"A title\nof two lines"\n' + HEADER + ROWS, 4),
        (2, "\ufeffReport\nA,title,of,more,columns\n" + HEADER + ROWS, 4),
        (1, "Report\n\n \n" + HEADER + ROWS, 5),
        (3, "Report\n\n\n" + HEADER + ROWS, 5),
        (1, ("Report\n\n" + HEADER + ROWS).replace("\n", "\r\n"), 4),
        (2, "sep=;\nReport\n" + (HEADER + ROWS).replace(",", ";"), 4),
        (1, "Report\nsep=^\n" + (HEADER + ROWS).replace(",", "^"), 4),
        (0, "\n,,\n" + HEADER + ROWS, 4),
    ],
)
def test_lines_above_the_header_are_left_out_and_lines_keep_their_numbers(feed_with, skipped, text, first_line):
    feed = feed_with(skip_lines=skipped)
    land(feed, text)
    assert feed.landed(PEOPLE) == [("1", "Ada", first_line), ("2", "Bo", first_line + 1)]
    assert feed.refusals() == []


def test_a_row_that_is_refused_below_a_title_has_its_line_in_the_file(feed_with):
    feed = feed_with(skip_lines=2)
    land(feed, f'Report\nof\n{HEADER}1,"Ada\nB",2026-03-01\n2,Bo,x\n3,Cy\n')
    assert feed.landed(PEOPLE) == [("1", "Ada\nB", 4)]
    assert feed.refusals() == [
        ("a.csv", 6, "SystemModstamp", "not_a_timestamp"), ("a.csv", 7, None, "wrong_column_count")
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
@pytest.mark.parametrize("lines", [1, 3])
def test_a_file_of_no_more_than_the_lines_left_out_is_refused(feed_with, name, lines):
    feed = feed_with(skip_lines=3)
    land(feed, workbook([["Report"]] * lines) if name == "a.xlsx" else b"Report\n" * lines, name)
    assert feed.refusals() == [(name, None, None, "too_few_lines")]
    assert f"lines found: {lines}; expected more than 3" in message(feed)


def test_a_title_that_is_not_declared_refuses_the_file_and_names_the_declaration(contacts):
    land(contacts, "Report\n" + HEADER + ROWS)
    assert contacts.refusals() == [("a.csv", None, "Id", "missing_required_column")]
    assert "`files`" in message(contacts)


@pytest.mark.parametrize("forms", [{"skip_lines": 1}, {"columns": COLUMNS}, {"columns": COLUMNS, "skip_lines": 1}])
def test_lines_that_end_as_on_an_old_macintosh_are_refused_whatever_is_declared(feed_with, forms):
    feed = feed_with(**forms)
    land(feed, ("Report\n" + ROWS).replace("\n", "\r"))
    assert feed.refusals() == [("a.csv", None, None, "broken_header")]


@pytest.mark.parametrize("block_bytes", [1, 16, 1000])
def test_a_title_may_be_longer_than_a_block(feed_with, engine, tmp_path, block_bytes):
    (tmp_path / "a.csv").write_text(f"{'title ' * 9}\nof\n{HEADER}{ROWS}")
    with (tmp_path / "a.csv").open("rb") as file:
        found = list(read_csv(file, feed_with(skip_lines=2).stream, engine, block_bytes))
    assert [line for raw in found for line in raw.table["_source_line"].to_pylist()] == [4, 5]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize(("skipped", "title"), [(0, ""), (1, "Report; of, all | of it\n"), (0, "\ufeff"), (0, "\n")])
def test_a_file_without_a_header_has_the_declared_columns(feed_with, sign, skipped, title):
    feed = feed_with(columns=COLUMNS, skip_lines=skipped)
    land(feed, title + ROWS.replace(",", sign))
    first = title.count("\n") + 1
    assert feed.landed(PEOPLE) == [("1", "Ada", first), ("2", "Bo", first + 1)]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Id,FirstName,SystemModstamp", "1,Ada,2026-03-01"),
        ("ID,first name,system_modstamp", "1,Ada,2026-03-01"),
        ("FirstName,SystemModstamp,Id", "Ada,2026-03-01,1"),
        ("Email,Id,FirstName,SystemModstamp", "a@b.se,1,Ada,2026-03-01"),
        ("Id,FirstName,SystemModstamp,", "1,Ada,2026-03-01,"),
    ],
)
def test_a_header_that_is_delivered_all_the_same_is_read_by(feed_with, header, row):
    feed = feed_with(columns=COLUMNS)
    land(feed, f"{header}\n{row}\n")
    assert feed.landed(PEOPLE) == [("1", "Ada", 2)]
    assert feed.refusals() == []


def test_a_header_that_has_the_key_and_other_names_is_no_row(feed_with):
    feed = feed_with(columns=COLUMNS)
    land(feed, "Id,Vorname,SystemModstamp\n1,Ada,2026-03-01\n")
    assert feed.landed("Id, FirstName, _extra") == [("1", None, '{"Vorname":"Ada"}')]


def test_a_first_row_with_the_name_of_a_column_for_a_value_is_a_row(feed_with):
    feed = feed_with("in_store_stores", columns=["store_id", "name", "country"])
    land(feed, "S1,Name,SE\nS2,Country,SE\n")
    assert feed.landed("store_id, name") == [("S1", "Name"), ("S2", "Country")]


def test_columns_bear_the_names_that_the_stream_renames_or_does_not_know(feed_with):
    feed = feed_with("in_store_stores", columns=["Store Id", "junk"])
    land(feed, "S1,x\n")
    assert feed.landed("store_id, _extra") == [("S1", '{"junk":"x"}')]


def test_a_row_with_another_number_of_values_than_columns_is_refused(feed_with):
    feed = feed_with(columns=COLUMNS)
    land(feed, ROWS + "3,2026-03-01\n4,Di,2026-03-01,x\n")
    assert [line for *_, line in feed.landed(PEOPLE)] == [1, 2]
    assert [(line, reason) for _, line, _, reason in feed.refusals()] == [
        (3, "wrong_column_count"), (4, "wrong_column_count")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "text"), [(COLUMNS, "1,2026-03-01\n2,2026-03-01\n"), (["store_id"], "S1,Nord\nS2,South\n")]
)
def test_a_file_of_another_number_of_columns_is_refused_once(feed_with, columns, text):
    feed = feed_with("crm_contacts" if columns == COLUMNS else "in_store_stores", columns=columns)
    land(feed, text)
    assert feed.refusals() == [("a.csv", None, None, "no_good_row")]


def test_one_column_needs_no_sign(feed_with):
    feed = feed_with("in_store_stores", columns=["store_id"])
    land(feed, "S1\n\nS2")
    assert feed.landed("store_id, _source_line") == [("S1", 1), ("S2", 3)]


@pytest.mark.parametrize(
    ("name", "content", "skipped"),
    [("a.csv", b"", 0), ("a.csv.gz", gzip.compress(b"", mtime=0), 0), ("a.csv", b"\n", 0), ("a.csv", b"Report\n", 1)],
)
def test_an_export_of_no_rows_without_a_header_lands_without_a_row(feed_with, name, content, skipped):
    feed = feed_with(columns=COLUMNS, skip_lines=skipped)
    landed = land(feed, content, name)
    assert (landed.files_landed, landed.rows_landed, feed.refusals()) == (1, 0, [])


def test_a_file_without_the_declared_title_is_empty_and_refused(feed_with):
    feed = feed_with(columns=COLUMNS, skip_lines=1)
    land(feed, b"")
    assert feed.refusals() == [("a.csv", None, None, "empty_file")]


def test_a_file_without_a_header_whose_last_line_is_cut_off_is_refused_until_it_is_complete(feed_with):
    feed = feed_with(columns=COLUMNS)
    assert land(feed, ROWS[:-12]).refused_files == (("a.csv", "unfinished_file"),)
    assert land(feed, ROWS[:-1]).rows_landed == 2


@pytest.mark.parametrize("sign", ["^", "~", "|", ";", "\t", "§", "\x01", " "])
@pytest.mark.parametrize("columns", [(), COLUMNS])
def test_a_declared_sign_stands_between_values(feed_with, sign, columns):
    feed = feed_with(separator=sign, columns=columns)
    land(feed, (HEADER + '1,"A,B",2026-03-01\n').replace(",", sign))
    assert feed.landed(PEOPLE) == [("1", f"A{sign}B", 2)]


def test_a_line_that_names_the_sign_counts_more_than_the_declared_one(feed_with):
    feed = feed_with(separator="^")
    land(feed, "sep=;\n" + (HEADER + ROWS).replace(",", ";"))
    assert len(feed.landed()) == 2


@pytest.mark.parametrize("sheet", [2, "S2", " s2 "])
@pytest.mark.parametrize("name", ["a.xlsx", "a.zip"])
def test_a_sheet_is_named_or_counted(feed_with, sheet, name):
    feed = feed_with(sheet=sheet, separator="^")
    book = workbook([["a cover"]], SHEET)
    land(feed, zipped(("book.xlsx", book)) if name == "a.zip" else book, name)
    assert feed.landed(PEOPLE) == [("1", "Ada", 2), ("2", "Bo", 3)]


@pytest.mark.parametrize(("sheet", "expected"), [("Customers", "expected Customers"), (3, "expected at least 3")])
def test_a_workbook_without_the_sheet_is_refused_with_those_that_it_has(feed_with, sheet, expected):
    feed = feed_with(sheet=sheet)
    land(feed, workbook([["x"]], SHEET), "a.xlsx")
    assert feed.refusals() == [("a.xlsx", None, None, "missing_sheet")]
    assert f"found: 2 sheets, S1, S2; {expected}" in message(feed)


def test_rows_above_the_header_of_a_sheet_are_left_out_however_wide_or_high(feed_with):
    feed = feed_with(skip_lines=1)
    landed = land(feed, workbook([["Report\nof\ntoday", None, None, None, "wide"], [None], *SHEET]), "a.xlsx")
    assert feed.landed(PEOPLE) == [("1", "Ada", 4), ("2", "Bo", 5)]
    assert landed.undeclared_columns == ()


def test_a_sheet_without_a_header_may_have_its_last_columns_empty(feed_with):
    feed = feed_with("in_store_stores", columns=["store_id", "name", "country"])
    land(feed, workbook([["S1", "Nord"], ["S2", None]]), "a.xlsx")
    assert feed.landed("store_id, name, country") == [("S1", "Nord", None), ("S2", None, None)]


def test_json_and_parquet_have_none_of_these(feed_with):
    feed = feed_with(skip_lines=1, columns=COLUMNS, separator="^", sheet="x")
    feed.deliver("a.jsonl", [feed.row(1)])
    feed.deliver("b.parquet", [feed.row(2)])
    assert feed.land().rows_landed == 2
