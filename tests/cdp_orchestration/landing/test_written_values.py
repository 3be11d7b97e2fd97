"""Values as other programs write them: times, words for nothing, broken signs."""

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

AT_TEN = datetime(2026, 3, 1, 10, 0)  # noqa: DTZ001


@pytest.mark.parametrize(
    "written", ["2026-03-01 10:00:00 UTC", "2026-03-01 10:00:00.000 UTC", "2026-03-01 10:00:00 GMT"]
)
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_a_time_that_names_utc_is_read(contacts, name, written):
    contacts.deliver(name, [contacts.row(1, SystemModstamp=written)])
    contacts.land()
    assert contacts.landed("SystemModstamp") == [(AT_TEN,)]


@pytest.mark.parametrize("written", ["1772359200", "1772359200000", "03/01/2026 10:00", "1.3.2026", "46082.41667"])
@pytest.mark.parametrize("field", ["SystemModstamp", "CreatedDate"])
def test_a_column_of_other_times_is_refused_once_with_line_and_count(contacts, field, written):
    rows = [contacts.row(1), *(contacts.row(number, **{field: written}) for number in (2, 3, 4))]
    contacts.deliver("a.csv", rows)
    contacts.land()
    ((name, line, found, reason),) = contacts.refusals()
    assert (name, line, found) == ("a.csv", None, field)
    assert reason == ("retyped_required_column" if field == "SystemModstamp" else "retyped_column")
    text = contacts.query("select message from operations.quarantined")[0][0]
    assert "3 of 4 rows, the first in line 3" in text
    assert "2026-10-01T10:00:00Z" in text


@pytest.mark.parametrize("word", ["NULL", "null", "\\N", "N/A", "#N/A", "None", "NaT", " NULL "])
def test_a_word_for_nothing_is_no_date_no_flag_and_no_json(contacts, orders, word):
    contacts.deliver("a.csv", [contacts.row(1, Birthdate=word, IsDeleted=word, CreatedDate=word, FirstName="None")])
    contacts.land()
    assert contacts.refusals() == []
    assert contacts.landed("Birthdate, IsDeleted, CreatedDate, FirstName") == [(None, None, None, "None")]
    orders.deliver("a.csv", [orders.row(1, customer=word.strip(), cancelled_at=word)])
    orders.land()
    assert orders.landed("customer, cancelled_at") == [(None, None)]


@pytest.mark.parametrize("word", ["NULL", "\\N", "N/A"])
def test_a_word_for_nothing_is_no_number(orders, word):
    orders.deliver("a.csv", [orders.row(1, total_discounts=word)])
    orders.land()
    assert orders.landed("total_discounts") == [(None,)]


def test_half_a_sign_is_replaced_also_inside_json(feeds):
    tickets = feeds["support_tickets"]
    lines = [
        b'{"id":1,"updated_at":"2026-03-01","subject":"tack \\udc4d!","tags":["a\\ud83d"],"priority":NaN}',
        b'{"id":2,"updated_at":"2026-03-01","subject":"ok \\ud83d\\ude00","x":Infinity}',
    ]
    tickets.deliver("a.jsonl", b"\n".join(lines) + b"\n")
    assert tickets.land().rows_landed == 2
    broken = "\N{REPLACEMENT CHARACTER}"
    assert tickets.landed("subject, tags, priority") == [
        (f"tack {broken}!", f'["a{broken}"]', None), ("ok \U0001f600", None, None)
    ]  # fmt: skip


@pytest.mark.parametrize("cut", [b"\xf0\x9f", b"\xf0\x9f\x98", b"\xe2\x82", b"\xed\xa0\xbd"])
def test_a_sign_cut_off_after_some_bytes_is_replaced(contacts, cut):
    text = "Id,FirstName,LastName,SystemModstamp\n1,Zoë \N{GRINNING FACE},Cut,2026-03-01\n"
    contacts.deliver("a.csv", text.encode().replace(b"Cut", b"So" + cut))
    contacts.land()
    assert contacts.landed("FirstName, LastName") == [("Zoë \N{GRINNING FACE}", "So\N{REPLACEMENT CHARACTER}")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('{"note":"tack \\ud83d","x":1}', '{"note":"tack ","x":1}'),
        ('{"a":NaN,"b":[-Infinity,"NaN"],"id":7.0}', '{"a":null,"b":[null,"NaN"],"id":7}'),
    ],
)
def test_broken_signs_and_no_numbers_are_mended_in_json_text_of_a_csv(orders, written, read):
    quoted = written.replace('"', '""')
    orders.deliver("a.csv", f'id,updated_at,customer\n1,2026-03-01,"{quoted}"\n'.encode())
    orders.land()
    assert orders.landed("customer") == [(read,)]


@pytest.mark.parametrize("with_int96", [True, False])
def test_a_far_date_of_departure_is_no_departure(loyalty_members, with_int96):
    far = datetime(9999, 12, 31, tzinfo=UTC)
    row = loyalty_members.row(1, deleted_at=far, updated_at=AT_TEN.replace(tzinfo=UTC))
    table = pa.Table.from_pylist([row, loyalty_members.row(2, deleted_at=None, updated_at=AT_TEN.replace(tzinfo=UTC))])
    pq.write_table(table, loyalty_members.deliver("a.parquet", b""), use_deprecated_int96_timestamps=with_int96)
    loyalty_members.land()
    assert loyalty_members.landed("member_id, updated_at, deleted_at") == [
        ("member_id 1", AT_TEN, None), ("member_id 2", AT_TEN, None)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T10:00Z",
        "2026-03-01T11:00+01:00[Europe/Berlin]",
        "2026-03-01 10:00 UTC",
        "2026-03-01 10:00:00 +0000 UTC",
        "2026-03-01 05:00:00.000 -0500 EST",
        "2026-03-01T10:00:00Z",
    ],
)
def test_a_full_minute_in_java_and_a_time_of_go_are_read(contacts, written):
    contacts.deliver("a.csv", [contacts.row(1, SystemModstamp=written)])
    contacts.land()
    assert contacts.landed("SystemModstamp") == [(AT_TEN,)]


@pytest.mark.parametrize("written", ["2016-12-31T23:59:60Z", "2016-12-31T15:59:60-08:00"])
def test_a_leap_second_is_the_second_before_it(contacts, written):
    contacts.deliver("a.csv", [contacts.row(1, CreatedDate=written)])
    contacts.land()
    assert contacts.landed("CreatedDate") == [(datetime(2016, 12, 31, 23, 59, 59),)]  # noqa: DTZ001


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T10:00:00 CET",
        "2026-03-01T10:00:00Z abc",
        "2026-03-01T10:00:61Z",
        "2026-03-01T10:00:60Z",
        "2026-03-01T10:60Z",
    ],
)
def test_a_time_that_names_its_zone_by_letters_alone_is_refused(contacts, written):
    contacts.deliver("a.csv", [contacts.row(1), contacts.row(2, SystemModstamp=written)])
    contacts.land()
    assert contacts.landed("Id") == [("Id 1",)]


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("J", "N"),
        ("S", "N"),
        ("TOSI", "EPÄTOSI"),
        ("ИСТИНА", "ЛОЖЬ"),
        ("DOĞRU", "YANLIŞ"),
        ("Evet", "HAYIR"),
        ("-1", "0"),
        ("✓", "✗"),
        ("✔️", "❌"),
    ],
)
def test_a_flag_may_be_a_word_or_letter_of_any_spreadsheet(contacts, yes, no):
    contacts.deliver("a.csv", [contacts.row(1, HasOptedOutOfEmail=yes), contacts.row(2, HasOptedOutOfEmail=no)])
    contacts.land()
    assert contacts.landed("HasOptedOutOfEmail") == [(True,), (False,)]


def test_a_document_within_a_text_is_the_document(orders):
    lines = [
        r'{"id":1,"updated_at":"2026-03-01","customer":"{\"id\": 7.0}","refunds":"[{\"id\": 8}]"}',
        r'{"id":2,"updated_at":"2026-03-01","customer":"","refunds":"[]"}',
        r'{"id":3,"updated_at":"2026-03-01","customer":"Ada","refunds":[{"id":9}]}',
    ]
    orders.deliver("a.jsonl", "".join(line + "\n" for line in lines).encode())
    orders.land()
    assert orders.landed("customer, refunds") == [
        ('{"id": 7}', '[{"id": 8}]'), (None, "[]"), (None, '[{"id":9}]')
    ]  # fmt: skip
    assert [refusal[1:3] for refusal in orders.refusals()] == [(3, "customer")]
