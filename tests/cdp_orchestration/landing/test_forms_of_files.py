"""Files as other programs write them: read where they mean one thing, otherwise refused once with cause and cure."""

import gzip
from datetime import datetime
from decimal import Decimal

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

AT_TEN = datetime(2026, 3, 1, 10, 0)  # noqa: DTZ001
ROW = b"C1;Ada;2026-03-01T10:00:00Z"


def message(feed):
    return feed.query("select message from operations.quarantined")[0][0]


@pytest.mark.parametrize("sign", [";", "\t", "|"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.csv.gz"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_other_signs_between_values_are_read(contacts, sign, name, mark):
    text = f'{mark}Id;FirstName;SystemModstamp\r\n1;"Ann{sign} Mary";2026-03-01T10:00:00Z\r\n2;Bo;2026-03-01 10:00\r\n'
    content = text.replace(";", sign).encode()
    contacts.deliver(name, gzip.compress(content) if name.endswith(".gz") else content)
    contacts.land()
    assert contacts.landed("Id, FirstName, SystemModstamp, _source_line") == [
        ("1", f"Ann{sign} Mary", AT_TEN, 2), ("2", "Bo", AT_TEN, 3)
    ]  # fmt: skip


@pytest.mark.parametrize(("first", "sign"), [("sep=;", ";"), ('"sep=,"', ","), ("SEP=|", "|"), ("\ufeffsep=;", ";")])
def test_the_line_that_names_the_sign_is_no_header(contacts, first, sign):
    contacts.deliver("a.csv", f"{first}\r\nId{sign}SystemModstamp\r\n1{sign}2026-03-01\r\n".encode())
    contacts.land()
    assert contacts.landed("Id, _source_line") == [("1", 3)]


@pytest.mark.parametrize(
    "header",
    [
        'Id;"First\nName";"System\r\nModstamp";"Notes\n\nof sales"',
        '"Id";"First\nName";SystemModstamp;Notes',
        'Id;FirstName;SystemModstamp;"Notes of ""sales""\nand support"',
    ],
)
def test_headings_may_have_line_breaks(contacts, header):
    rows = '1;Ada;2026-03-01T10:00:00Z;"a note\nof two lines"\n2;Bo;2026-03-01T10:00:00Z;x\n'
    contacts.deliver("a.csv", f"{header}\n{rows}".encode())
    contacts.land()
    first = header.count("\n") + 2
    assert contacts.landed("Id, FirstName, SystemModstamp, _source_line") == [
        ("1", "Ada", AT_TEN, first), ("2", "Bo", AT_TEN, first + 2)
    ]  # fmt: skip
    assert list(orjson.loads(contacts.landed("_extra")[1][0]).values()) == ["x"]


def test_a_quote_that_is_never_closed_does_not_make_rows_a_header(contacts):
    contacts.deliver("a.csv", b'Id;SystemModstamp;"Notes\n' + b"1;2026-03-01;x\n" * 3)
    assert contacts.land().files_refused == 1
    assert 'found: Id;SystemModstamp;"Notes' in message(contacts)


@pytest.mark.parametrize(
    ("written", "read"),
    [("12,50", "12.5"), ("1.234,50", "1234.5"), ("-7,5", "-7.5"), ("12.50", "12.5"), ("0,125", "0.125"),
     ("1.234.567", "1234567"), ("8", "8")],
)  # fmt: skip
def test_decimal_commas_are_read_between_semicolons(transaction_items, written, read):
    transaction_items.deliver("a.csv", f"transaction_id;line_no;line_amount\nT1;1;{written}\n".encode())
    transaction_items.land()
    assert transaction_items.landed("line_amount") == [(Decimal(read),)]


@pytest.mark.parametrize("written", ["1.234", "1,234", "12.345,6,7"])
def test_a_number_between_semicolons_that_may_mean_two_is_refused(transaction_items, written):
    content = f"transaction_id;line_no;line_amount\nT1;1;2,00\nT1;2;{written}\n"
    transaction_items.deliver("a.csv", content.encode())
    transaction_items.land()
    assert transaction_items.refusals() == [("a.csv", 3, "line_amount", "not_a_decimal")]


@pytest.mark.parametrize("heading", ["SYSTEMMODSTAMP", "System Modstamp", "system_modstamp", "System-ModStamp"])
def test_headings_in_other_case_and_spacing_are_matched(contacts, heading):
    contacts.deliver("a.csv", f'"ID","{heading}","FIRST NAME"\n"1","2026-03-01T10:00:00Z","Ada"\n'.encode())
    contacts.deliver("b.jsonl", orjson.dumps({"id": "1", heading: "2026-03-01T10:00:00Z", "First Name": "Ada"}) + b"\n")
    table = pa.table({"iD": ["1"], heading: ["2026-03-01T10:00:00Z"], "firstname": ["Ada"]})
    pq.write_table(table, contacts.deliver("c.parquet", b""))
    contacts.land()
    assert contacts.landed("Id, SystemModstamp, FirstName") == [("1", AT_TEN, "Ada")] * 3


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_two_headings_that_mean_one_field_refuse_the_file(contacts, name):
    row = contacts.row(1, **{"e-mail": "a@example.org", "EMAIL": "b@example.org"})
    del row["Email"]
    contacts.deliver(name, [row, row])
    contacts.land()
    assert contacts.refusals() == [(name, None, "Email", "ambiguous_column")]
    assert "e-mail, EMAIL" in message(contacts)


def test_headings_that_are_not_read_are_named_with_the_fields_that_are_missing(contacts):
    contacts.deliver("a.csv", b"Id,Mobile No,SystemModstamp\n1,+46701234567,2026-03-01\n")
    (unread, missing) = contacts.land().unread_columns["a.csv"]
    assert unread == ("Mobile No",)
    assert {"MobilePhone", "Email"} <= set(missing)


def test_a_file_without_its_key_is_refused_with_the_headings_that_it_has(contacts):
    contacts.deliver("a.csv", b"Contact Number;Given Name;SystemModstamp\n" + ROW + b"\n" + ROW)
    contacts.land()
    assert contacts.refusals() == [("a.csv", None, "Id", "missing_required_column")]
    assert "found: Contact Number, Given Name, SystemModstamp" in message(contacts)


@pytest.mark.parametrize(
    ("table", "headings"),
    [
        ("ecommerce_orders", "Name,Financial Status,Lineitem name,Id,Created at"),
        ("ecommerce_customers", "Customer ID,First Name,Accepts Email Marketing,Accepts Marketing,Total Spent"),
    ],
)
def test_the_export_of_admin_pages_is_refused_once_with_its_cure(feeds, table, headings):
    feed = feeds[table]
    feed.deliver("a.csv", f"{headings}\n{'x,' * 4}x\n{'x,' * 4}x\n".encode())
    feed.land()
    assert [(name, line, reason) for name, line, _, reason in feed.refusals()] == [("a.csv", None, "admin_export")]
    assert "REST Admin API" in message(feed)
    assert headings.split(",")[0] in message(feed)


def rows_of(feed, count=3):
    return [{feed.stream.key[0]: str(n), feed.stream.cursor: "2026-03-01T10:00:00Z"} for n in range(1, count + 1)]


@pytest.mark.parametrize("option", [0, orjson.OPT_INDENT_2])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.json.gz", "1790000.1.gz"])
@pytest.mark.parametrize(
    "shape",
    [
        lambda rows: rows,
        lambda rows: {"tickets": rows, "next_page": None, "count": 3},
        lambda rows: {"totalSize": 3, "done": True, "records": rows},
        lambda rows: {"tickets": rows, "users": rows},
        lambda rows: {"data": {"items": rows}, "meta": {"has_more": False}},
    ],
)
def test_arrays_and_envelopes_are_read(feeds, shape, name, option):
    tickets = feeds["support_tickets"]
    content = orjson.dumps(shape(rows_of(tickets)), option=option)
    tickets.deliver(name, gzip.compress(content) if name.endswith(".gz") else content)
    tickets.land()
    assert tickets.landed("id, _source_line") == [("1", 1), ("2", 2), ("3", 3)]


def test_pages_of_envelopes_and_pretty_objects_follow_each_other(feeds):
    tickets = feeds["support_tickets"]
    rows = rows_of(tickets)
    tickets.deliver("a.json", b"\n".join(orjson.dumps({"tickets": [row]}) for row in rows))
    tickets.deliver("b.json", b"\n".join(orjson.dumps(row, option=orjson.OPT_INDENT_2) for row in rows))
    tickets.land()
    assert tickets.landed("id") == [("1",), ("2",), ("3",)] * 2


@pytest.mark.parametrize("option", [0, orjson.OPT_INDENT_2])
def test_a_json_array_that_is_cut_off_is_refused_whole(feeds, option):
    tickets = feeds["support_tickets"]
    whole = orjson.dumps(rows_of(tickets, 9), option=option)
    tickets.deliver("a.json", whole[:-30])
    landed = tickets.land()
    assert tickets.refusals() == [("a.json", None, None, "broken_json_document")]
    assert landed.rows_landed == 0


def test_an_envelope_of_two_lists_of_other_names_is_refused(feeds):
    tickets = feeds["support_tickets"]
    tickets.deliver("a.json", orjson.dumps({"open": rows_of(tickets), "closed": rows_of(tickets)}))
    tickets.land()
    assert tickets.refusals() == [("a.json", None, None, "ambiguous_envelope")]
    assert "open, closed" in message(tickets)


def test_a_bulk_file_of_graphql_is_refused_once(orders):
    parent = {"id": "gid://shopify/Order/71", "updatedAt": "2026-03-01T10:00:00Z"}
    child = {"id": "gid://shopify/LineItem/9", "__parentId": parent["id"]}
    orders.deliver("a.jsonl", [parent, child, child])
    landed = orders.land()
    assert [reason for *_, reason in orders.refusals()] == ["graphql_export"]
    assert landed.rows_landed == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"Id,Email,SystemModstamp\n1,a@example.org,2026-03-01\n2,b@exa"),
        ("a.csv", b"Id,Email,SystemModstamp\n1,a@example.org,2026-03-01\n2,b@example.org,2026-0"),
        ("a.csv", b'Id,Email,SystemModstamp\n1,a@example.org,2026-03-01\n2,"b@exa'),
        ("a.jsonl", b'{"Id":"1","SystemModstamp":"2026-03-01"}\n{"Id":"2","SystemMo'),
    ],
)
def test_a_file_whose_last_line_is_cut_off_is_refused_until_it_is_complete(contacts, name, content):
    contacts.deliver(name, content)
    assert contacts.land().refused_files == ((name, "unfinished_file"),)
    assert contacts.landed() == []
    contacts.deliver(name, content[: content.rindex(b"\n") + 1])
    assert contacts.land().rows_landed == 1


def test_a_whole_last_line_without_its_end_lands(contacts):
    contacts.deliver("a.csv", b"Id,Email,SystemModstamp\n1,a@example.org,2026-03-01\n2,b@example.org,2026-03-01")
    assert contacts.land().rows_landed == 2


@pytest.mark.parametrize(
    "name",
    ["_SUCCESS", "_committed_4711", "_temporary/0/part-0.csv", "Thumbs.db", "desktop.ini", "~$book.xlsx", ".a.csv.crc",
     "a.csv.crdownload", "a.csv.filepart", "a.csv.part", "a.json.tmp", "A.CSV.PARTIAL", "a.csv.download/a.csv",
     "a.csv.md5", "a.csv.done", "a.csv.lock", "a.csv~", "@eaDir/a.csv", "$RECYCLE.BIN/a.csv", "a.csv.!qB"],
)  # fmt: skip
def test_what_programs_leave_beside_the_data_is_no_delivery(contacts, name):
    contacts.deliver(name, b"x")
    assert contacts.land().files_seen == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.xlsx", "workbook"),
        ("a.xls", "workbook"),
        ("a.ods", "workbook"),
        ("a.zip", "archive"),
        ("a.tar.gz", "archive"),
        ("a.7z", "archive"),
        ("a.rar", "archive"),
        ("a", "unknown_format"),
    ],
)
def test_a_file_that_holds_others_is_refused_with_its_cure(contacts, name, reason):
    contacts.deliver(name, b"PK\x03\x04")
    contacts.land()
    assert contacts.refusals() == [(name, None, None, reason)]


@pytest.mark.parametrize("encoded", ["x.jsonl", "x.csv", "x.parquet"])
def test_a_name_that_says_gzip_alone_is_read_by_its_content(contacts, encoded):
    content = contacts.deliver(encoded, contacts.rows(2)).read_bytes()
    (contacts.folder / encoded).unlink()
    contacts.deliver("logs/2026/1791000000000.4f1c.GZ", gzip.compress(content))
    assert contacts.land().rows_landed == 2


def test_a_gzip_of_something_else_is_refused(contacts):
    contacts.deliver("1791.gz", gzip.compress(b"\x00\x01\x02"))
    contacts.land()
    assert contacts.refusals() == [("1791.gz", None, None, "unknown_format")]


def test_an_undeclared_column_of_bytes_is_left_out_with_a_note(feeds):
    stores = feeds["in_store_stores"]
    shapes = pa.array([b"\x01\xff", b"\x00\x02"], pa.binary())
    table = pa.table({"store_id": ["S1", "S2"], "shape": shapes, "hash": pa.array([b"ab", b"cd"], pa.binary(2))})
    pq.write_table(table, stores.deliver("a.parquet", b""))
    landed = stores.land()
    assert (landed.rows_landed, landed.left_out_columns) == (2, ("hash", "shape"))
