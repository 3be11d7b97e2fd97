"""Signs that are not seen, and other forms of one value, change no id and cost no row."""

from datetime import datetime

import pytest

TIME = "2026-03-01T10:00:00Z"
at = datetime.fromisoformat


def land(contacts, **values):
    row = {"Id": "1", "SystemModstamp": TIME} | values
    contacts.deliver("a.csv", (",".join(row) + "\n" + ",".join(f'"{value}"' for value in row.values()) + "\n").encode())
    contacts.land()


@pytest.mark.parametrize(
    "written",
    [
        "\ufeffX-42", "X-42\u200b", "X\u200b-4\u200d2", "\u00a0X-42\u00a0", "X-42\u3000", "X-42\r\n",
        "\u202eX-42\u202c", "\u2060X-42\u00ad", "X-42\0", "\tX-42 ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("seen", ["X-42", "7042"])
def test_an_id_with_signs_that_are_not_seen_is_the_id_that_is_seen(contacts, written, seen):
    halves = written.replace("X", seen[:1]).replace("-4", seen[1:3])
    land(contacts, AccountId=halves)
    assert contacts.landed("AccountId") == [(seen,)]


@pytest.mark.parametrize("blank", ["\u00a0", "\u200b", "\u3000", "\ufeff "])
def test_a_key_of_nothing_that_is_seen_is_missing(contacts, blank):
    land(contacts, Id=blank)
    assert contacts.refusals() == [("a.csv", 2, "Id", "missing_required_value")]


def test_a_blank_within_an_id_stays(contacts):
    land(contacts, AccountId="A\u00a0B", MailingPostalCode="SW1A 1AA")
    assert contacts.landed("AccountId, MailingPostalCode") == [("A\u00a0B", "SW1A 1AA")]


def test_days_flags_and_times_are_read_without_signs_that_are_not_seen(contacts):
    land(contacts, Birthdate="1980-02-28\u00a0", DoNotCall="\u200btrue", CreatedDate="\ufeff2026-01-02 03:04:05\u00a0")
    assert contacts.landed("Birthdate::text, DoNotCall, CreatedDate") == [
        ("1980-02-28", True, at("2026-01-02 03:04:05"))
    ]
    assert contacts.refusals() == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-02 03:04:05 +01:00", "2026-01-02 02:04:05"),
        ("2026-01-02 03:04:05.1234567 +01:00", "2026-01-02 02:04:05.123456"),
        ("2026-01-02 03:04:05 -0530", "2026-01-02 08:34:05"),
        ("2026-01-02T03:04:05 Z", "2026-01-02 03:04:05"),
        ("2026-01-02T03:04:05,123Z", "2026-01-02 03:04:05.123000"),
        ("2026-01-02t03:04:05z", "2026-01-02 03:04:05"),
        ("2026-01-02 03:04:05 utc", "2026-01-02 03:04:05"),
        ("20260102T030405Z", "2026-01-02 03:04:05"),
        ("20260102T030405.5+0100", "2026-01-02 02:04:05.500000"),
        ("2026-01-02T03:04:05Z[UTC]", "2026-01-02 03:04:05"),
        ("2026-01-02T03:04:05+01:00[Europe/Berlin]", "2026-01-02 02:04:05"),
    ],
)
def test_every_form_of_iso_8601_that_programs_write_is_read(contacts, written, read):
    land(contacts, CreatedDate=written)
    assert contacts.landed("CreatedDate") == [(at(read),)]


@pytest.mark.parametrize(
    "written",
    ["2026-01-02T03:04:05[Europe/Berlin]", "20260230T030405Z", "2026-01-02T03:04:05 CET", "2026-01-02 03:04:05 PM"],
)
def test_a_time_whose_zone_or_day_is_not_certain_is_refused(contacts, written):
    land(contacts, CreatedDate=written)
    assert contacts.refusals() == [("a.csv", 2, "CreatedDate", "not_a_timestamp")]


@pytest.mark.parametrize("word", ["infinity", "-infinity"])
def test_the_end_of_all_times_of_a_database_is_no_time(contacts, word):
    land(contacts, CreatedDate=word, Birthdate=word)
    assert contacts.landed("CreatedDate, Birthdate") == [(None, None)]
    assert contacts.refusals() == []


@pytest.mark.parametrize(("written", "read"), [("on", True), ("OFF", False)])
def test_a_flag_of_a_form_on_a_page_is_a_flag(contacts, written, read):
    land(contacts, DoNotCall=written)
    assert contacts.landed("DoNotCall") == [(read,)]


@pytest.mark.parametrize("heading", ["First\u00a0Name", "\uff26irstName", "Firstna\u200bme"])
def test_a_heading_in_another_writing_of_the_same_letters_is_matched(contacts, heading):
    contacts.deliver("a.csv", f"Id,SystemModstamp,{heading}\n1,{TIME},Ann\n".encode())
    contacts.land()
    assert contacts.landed("FirstName") == [("Ann",)]


def test_the_sign_of_number_0_is_in_no_text_and_no_document(feeds):
    customers = feeds["ecommerce_customers"]
    address = '{"city":"Lu\\u0000\\u0000nd","note":"a\\\\u0000b"}'
    line = (
        '{"id":1,"updated_at":"2026-03-01","first_name":"A\\u0000da","default_address":' + address + ',"x":"y\\u0000z"}'
    )
    customers.deliver("a.jsonl", line.encode() + b"\n")
    assert customers.land().rows_landed == 1
    assert customers.landed("first_name, default_address, _extra") == [
        ("Ada", '{"city":"Lund","note":"a\\\\u0000b"}', '{"x":"yz"}')
    ]
