"""Which signs a text has around and between its values: those that its program writes, or that a declaration names."""

import pytest

from cdp_orchestration.landing.files.csv_files import read_csv

TIME = "2026-03-01T10:00:00Z"
HEADER = "Id,FirstName,LastName,SystemModstamp\n"
NAMES = "Id, FirstName, LastName, _source_line"


def land(feed, content, name="a.csv"):
    feed.deliver(name, content.encode())
    return feed.land()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'"Ann \"The A\""', 'Ann "The A"'),
        (r'"C:\\"', "C:\\"),
        (r'"C:\new"', r"C:\new"),
        ('"Ann\\\nLee"', "Ann\nLee"),
        (r'"a\, b"', "a, b"),
        (r"a\, b", "a, b"),
        (r"\N", None),
        (r'"\0Ann"', "Ann"),
        ('"Ann ""The A"""', 'Ann "The A"'),
        (r"\\N", r"\N"),
        ("Ann", "Ann"),
    ],
)
def test_a_declared_sign_before_others_means_them_as_such(feed_with, written, read):
    feed = feed_with(escape="\\")
    land(feed, f"{HEADER}1,{written},Lee,{TIME}\n2,Bo,Ray,{TIME}\n")
    line = 4 if read and "\n" in read else 3
    assert feed.landed(NAMES) == [("1", read, "Lee", 2), ("2", "Bo", "Ray", line)]
    assert feed.refusals() == []


@pytest.mark.parametrize(
    ("written", "read"),
    [(r"Ann\nLee", "Ann\nLee"), (r"Ann\tLee", "Ann\tLee"), (r"\N", None), (r"a\\b", r"a\b"), ("a\\\tb", "a\tb")],
)
def test_letters_behind_the_sign_are_breaks_in_a_text_without_quotes(feed_with, written, read):
    feed = feed_with(escape="\\", quote="none")
    land(feed, f'Id\tFirstName\tLastName\tSystemModstamp\n1\t{written}\t6" nail\t{TIME}\n', "a.tsv")
    assert feed.landed(NAMES) == [("1", read, '6" nail', 2)]
    assert feed.refusals() == []


def test_single_quotes_stand_around_values_where_they_are_declared(feed_with):
    feed = feed_with(quote="'")
    land(feed, f"'Id','FirstName','LastName','SystemModstamp'\n'1','Ann, B','O''Neil','{TIME}'\n2,\"Bo\",Ray,{TIME}\n")
    assert feed.landed(NAMES) == [("1", "Ann, B", "O'Neil", 2), ("2", '"Bo"', "Ray", 3)]


def test_a_text_without_quotes_keeps_them_as_signs_of_its_values(feed_with):
    feed = feed_with(quote="none", separator="|")
    land(feed, f'Id|FirstName|LastName|SystemModstamp\n1|"Ann|B"|{TIME}\n2|Bo"|Ray|{TIME}\n')
    assert feed.landed(NAMES) == [("1", '"Ann', 'B"', 2), ("2", 'Bo"', "Ray", 3)]


@pytest.mark.parametrize("sign", ["||", "~|~", "<|>", "::"])
@pytest.mark.parametrize("forms", [{}, {"columns": ["Id", "FirstName", "LastName", "SystemModstamp"]}])
def test_several_signs_may_stand_between_two_values(feed_with, sign, forms):
    feed = feed_with(separator=sign, **forms)
    land(feed, f'{"" if forms else HEADER}1,"Ann; B",Lee,{TIME}\n2,Bo,Ray,{TIME}\n'.replace(",", sign))
    assert [row[:3] for row in feed.landed(NAMES)] == [("1", "Ann; B", "Lee"), ("2", "Bo", "Ray")]


def test_a_separator_of_several_signs_may_stand_in_a_value_and_in_a_row_that_is_refused(feed_with):
    feed = feed_with(separator="~|~")
    land(feed, f'{HEADER}1,"Ann ~|~ B",Lee,{TIME}\n2,Bo\n'.replace(",", "~|~"))
    assert feed.landed(NAMES) == [("1", "Ann ~|~ B", "Lee", 2)]
    assert feed.query("select raw_row from operations.quarantined") == [("2~|~Bo",)]


def test_any_text_that_a_spreadsheet_was_to_keep_is_what_it_shows(contacts):
    land(contacts, f'{HEADER}="01",="Ann",="a ""x""",{TIME}\n"=""2""","=""Bo""","=""""",{TIME}\n')
    assert contacts.landed("Id, FirstName, LastName")[1:] == [("2", "Bo", None)]
    assert contacts.landed("Id, FirstName")[:1] == [("01", "Ann")]


@pytest.mark.parametrize("line", ["---,---------,--------,--", "-,--,,"])
def test_a_line_below_the_header_is_no_row(contacts, line):
    land(contacts, f"{HEADER}{line}\n1,Ann,-,{TIME}\n")
    assert contacts.landed(NAMES) == [("1", "Ann", "-", 3)]
    assert contacts.refusals() == []


@pytest.mark.parametrize("name", ["a.csv", "b.csv"])
def test_declared_words_are_no_value_in_any_column(feed_with, name):
    feed = feed_with(no_value=["NULL", "-"])
    quoted = '"x ""y"""' if name == "b.csv" else "x"  # which a slower reader reads
    land(feed, f'{HEADER}1,NULL,-,{TIME}\n2,{quoted},"NULL",{TIME}\n3,null,--,{TIME}\n', name)
    assert feed.landed("FirstName, LastName")[0] == (None, None)
    assert feed.landed("LastName")[1:] == [(None,), ("--",)]


@pytest.mark.parametrize("text", [r"\N", '"\\N"'])
def test_the_mark_of_databases_for_no_value_is_none_in_a_name_either(contacts, text):
    land(contacts, f"{HEADER}1,{text},Lee,{TIME}\n")
    assert contacts.landed("FirstName, LastName") == [(None, "Lee")]


@pytest.mark.parametrize("block_bytes", [1, 8, 40, 1000])
def test_an_escaped_line_break_may_lie_across_two_blocks(feed_with, engine, tmp_path, block_bytes):
    (tmp_path / "a.csv").write_text(f'{HEADER}1,Ann\\\nB,"x\\\ny",{TIME}\n2,Bo,"a\\"\nb",{TIME}\n')
    with (tmp_path / "a.csv").open("rb") as file:
        found = list(read_csv(file, feed_with(escape="\\").stream, engine, block_bytes))
    rows = [row for raw in found for row in raw.table.select(["FirstName", "LastName", "_source_line"]).to_pylist()]
    assert [tuple(row.values()) for row in rows] == [("Ann\nB", "x\ny", 2), ("Bo", 'a"\nb', 5)]
    assert not [refused for raw in found for refused in raw.refused]


def test_blanks_behind_the_sign_between_values_are_none_of_a_value_in_quotes(contacts):
    land(contacts, f'Id, FirstName, LastName, SystemModstamp\n1, "Ann, B", Lee, {TIME}\n2, "Bo", "Ray", {TIME}\n')
    assert contacts.landed(NAMES) == [("1", "Ann, B", "Lee", 2), ("2", "Bo", "Ray", 3)]
    assert contacts.refusals() == []


def test_a_comma_and_a_quote_inside_a_value_are_no_form_of_the_file(contacts):
    land(contacts, f'{HEADER}1,"says, ""x""",Lee,{TIME}\n2, Bo,Ray,{TIME}\n')
    assert contacts.landed("FirstName") == [('says, "x"',), (" Bo",)]


@pytest.mark.parametrize(
    ("header", "end", "extra"),
    [(HEADER, ",", '{"column_5":null}'), (HEADER.replace("\n", ",\n"), "", None)],
    ids=["of each row", "of the header"],
)
def test_a_sign_that_ends_each_row_or_the_header_alone_parts_no_value(contacts, header, end, extra):
    land(contacts, f"{header}1,Ann,Lee,{TIME}{end}\n2,Bo,Ray,{TIME}{end}\n")
    assert contacts.landed(f"{NAMES}, _extra") == [("1", "Ann", "Lee", 2, extra), ("2", "Bo", "Ray", 3, extra)]


def test_names_with_commas_are_not_taken_for_rows_that_end_with_one(contacts):
    land(contacts, f"Id,SystemModstamp,FirstName,LastName\n1,{TIME},Lee, Ann,\n2,{TIME},Ray, Bo,\n")
    assert contacts.refusals() == [("a.csv", None, None, "no_good_row")]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_header_that_stands_again_below_rows_is_no_row(contacts, mark):
    land(contacts, f"{HEADER}1,Ann,Lee,{TIME}\n{mark}{HEADER}2,Bo,Ray,{TIME}\n")
    assert contacts.landed(NAMES) == [("1", "Ann", "Lee", 2), ("2", "Bo", "Ray", 4)]
    assert contacts.refusals() == []


def test_a_row_with_one_value_like_its_heading_is_a_row(feed_of):
    stores = feed_of("in_store_stores")
    land(stores, "store_id,name,city\nS1,name,Oslo\nstore_id,name,Bergen\n")
    assert stores.landed("store_id, name, city") == [("S1", "name", "Oslo"), ("store_id", "name", "Bergen")]


def test_the_mark_of_the_end_that_old_systems_write_is_no_line(contacts):
    land(contacts, f"{HEADER}1,Ann,Lee,{TIME}\n\x1a")
    assert contacts.landed(NAMES) == [("1", "Ann", "Lee", 2)]
    assert contacts.refusals() == []


def test_utf_16_without_its_mark_is_refused_as_what_it_is(contacts):
    contacts.deliver("a.csv", f"{HEADER}1,Ann,Lee,{TIME}\n".encode("utf-16-le"))
    contacts.land()
    assert contacts.refusals() == [("a.csv", None, None, "not_utf8")]
