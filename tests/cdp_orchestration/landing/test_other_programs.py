"""What spreadsheets, browsers and stream services make of a file: read where it means one thing, else refused once."""

import gzip
import io
import zipfile
from datetime import date

import orjson
import pytest

HEADER = "Id,FirstName,SystemModstamp"
TIME = "2026-03-01T10:00:00Z"


def packed(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_packed_file_without_the_ending_is_unpacked(contacts, name):
    content = contacts.deliver(name, contacts.rows(2)).read_bytes()
    contacts.deliver(name, gzip.compress(content))
    assert contacts.land().rows_landed == 2


def test_parquet_under_another_name_is_read_as_parquet(contacts):
    content = contacts.deliver("a.parquet", contacts.rows(2)).read_bytes()
    contacts.deliver("b.csv", content)
    assert contacts.land().rows_landed == 4


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (packed("contacts.csv", "accounts.csv"), "archive"),
        (packed("[Content_Types].xml", "xl/workbook.xml"), "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "workbook"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_an_archive_or_workbook_under_another_name_is_refused_with_its_cure(contacts, name, content, reason):
    contacts.deliver(name, content)
    contacts.land()
    assert contacts.refusals() == [(name, None, None, reason)]


@pytest.mark.parametrize("empty", [",,", '"","",', ",,\r"])
def test_rows_without_any_value_are_no_rows(contacts, empty):
    lines = [HEADER, empty, f"1,Ada,{TIME}", empty, empty, f"2,Bo,{TIME}", empty]
    contacts.deliver("a.csv", "\n".join(lines).encode())
    contacts.land()
    assert contacts.landed("Id, _source_line") == [("1", 3), ("2", 6)]
    assert contacts.refusals() == []


@pytest.mark.parametrize(
    ("name", "lines", "field"),
    [
        ("a.csv", [HEADER, *(f"{n};Ada;{TIME}" for n in (1, 2, 3))], None),
        ("a.csv", [HEADER, *(f"{n},Ada,{TIME},," for n in (1, 2, 3))], None),
        ("a.csv", [HEADER, *(f"{n},Ada," for n in (1, 2, 3))], "SystemModstamp"),
        ("a.json", [HEADER, f"1,Ada,{TIME}"], None),
        ("a.jsonl", ["Sign in", "<body>Sign in</body>", "Thanks"], None),
        ("a.jsonl", ["{'Id': 1}", "{'Id': 2}"], None),
    ],
)
def test_a_file_without_one_good_row_is_refused_once(contacts, name, lines, field):
    contacts.deliver(name, "\n".join([*lines, ""]).encode())
    contacts.land()
    assert contacts.refusals() == [(name, None, field, "no_good_row")]
    message = contacts.query("select message from operations.quarantined")[0][0]
    assert "the first in line" in message


def test_objects_without_a_line_between_them_are_read(feeds):
    events = feeds["ecommerce_events"]
    rows = [{"messageId": f"m{n}", "receivedAt": TIME, "properties": {"name": "}{"}} for n in (1, 2, 3)]
    events.deliver("a.json", b"".join(map(orjson.dumps, rows)))
    events.land()
    assert events.landed("messageId") == [("m1",), ("m2",), ("m3",)]


def test_the_rows_of_another_stream_are_not_taken_for_those_of_this_one(feeds):
    tickets = feeds["support_tickets"]
    tickets.deliver("a.json", orjson.dumps({"users": [{"id": 7, "name": "Ada", "updated_at": TIME}], "count": 1}))
    tickets.land()
    assert [reason for *_, reason in tickets.refusals()] == ["missing_required_column"]
    assert tickets.landed() == []


@pytest.mark.parametrize("heading", ["\ufeff\ufeffId", "I\u200bd", "\u200eId\u200f", "\u00a0Id\u00a0"])
def test_unseen_signs_of_a_heading_are_not_read(contacts, heading):
    contacts.deliver("a.csv", f"{heading},SystemModstamp\n7,{TIME}\n".encode())
    contacts.land()
    assert contacts.landed("Id") == [("7",)]


@pytest.mark.parametrize(
    ("written", "read"),
    [('="0042"', "0042"), ("'0042", "0042"), ("12,345,678", "12345678"), ("12,34", "12,34"), ("d'Or", "d'Or")],
)
def test_an_id_or_number_that_a_spreadsheet_keeps_as_text_is_what_it_shows(contacts, written, read):
    contacts.deliver("a.csv", [contacts.row(1, Loyalty_Number__c=written, MobilePhone=written, FirstName=written)])
    contacts.land()
    name = read if written.startswith("=") else written  # an apostrophe may begin a name
    assert contacts.landed("Loyalty_Number__c, MobilePhone, FirstName") == [(read, read, name)]


@pytest.mark.parametrize("written", ["####", "###########"])
def test_an_id_that_did_not_fit_its_column_is_refused_by_name(contacts, written):
    contacts.deliver("a.csv", [contacts.row(1), contacts.row(2, Id=written), contacts.row(3, MobilePhone=written)])
    contacts.land()
    assert contacts.refusals() == [("a.csv", 3, "Id", "lost_digits"), ("a.csv", 4, "MobilePhone", "lost_digits")]
    assert contacts.landed("Id, MobilePhone")[1:] == [("Id 3", None)]


@pytest.mark.parametrize("word", ["-", "--", "#NV", "#REF!", "n.a.", "[NULL]", "(blank)", "undefined"])
def test_more_words_for_nothing_are_no_date_no_flag_and_no_reference(contacts, word):
    changes = dict.fromkeys(("AccountId", "MobilePhone", "Birthdate", "IsDeleted", "CreatedDate"), word)
    contacts.deliver("a.csv", [contacts.row(1, FirstName=word, **changes)])
    contacts.land()
    assert contacts.refusals() == []
    assert contacts.landed(f"FirstName, {', '.join(changes)}") == [(word, None, None, None, None, None)]


def test_a_date_of_noughts_is_no_date(contacts):
    contacts.deliver("a.csv", [contacts.row(1, Birthdate="0000-00-00", CreatedDate="0000-00-00 00:00:00")])
    contacts.land()
    assert contacts.refusals() == []
    assert contacts.landed("Birthdate, CreatedDate") == [(None, None)]


@pytest.mark.parametrize("word", ["-", "#REF!"])
def test_a_dash_or_a_failed_calculation_is_no_amount(orders, word):
    orders.deliver("a.csv", [orders.row(1), orders.row(2, total_price=word)])
    orders.land()
    assert orders.refusals() == [("a.csv", 3, "total_price", "not_a_decimal")]


@pytest.mark.parametrize(
    ("word", "read"),
    [("WAHR", True), ("Vrai", True), ("1.0", True), ("FALSCH", False), ("falso", False), ("0.0", False)],
)
def test_a_flag_in_the_language_of_a_spreadsheet_is_a_flag(contacts, word, read):
    contacts.deliver("a.csv", [contacts.row(1, HasOptedOutOfEmail=word)])
    contacts.land()
    assert contacts.landed("HasOptedOutOfEmail") == [(read,)]


@pytest.mark.parametrize("last", ["2026-03-02", "2026-03-02T11:15", "2026-03-02T11:15:10", "2026-03-02T11:15:10.12"])
def test_a_time_that_is_cut_off_is_no_earlier_time(contacts, last):
    whole = [HEADER, "1,Ada,2026-03-01T10:00:00.250Z", "2,Bo,2026-03-01T10:00:00Z"]
    contacts.deliver("a.csv", "\n".join([*whole, f"3,Cy,{last}"]).encode())
    assert contacts.land().refused_files == (("a.csv", "unfinished_file"),)
    contacts.deliver("a.csv", "\n".join([*whole, f"3,Cy,{last}Z" if last.endswith("0") else whole[1]]).encode())
    assert contacts.land().rows_landed == 3


def test_a_column_of_days_is_not_cut_off(contacts):
    contacts.deliver("a.csv", f"Id,SystemModstamp,Birthdate\n1,{TIME},1980-02-03\n2,{TIME},1981-02-03".encode())
    contacts.land()
    assert contacts.landed("Birthdate") == [(date(1980, 2, 3),), (date(1981, 2, 3),)]
