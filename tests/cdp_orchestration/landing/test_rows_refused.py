"""A row that breaks the contract is recorded with file, line, field and reason; the other rows load."""

import orjson
import pytest

FORMATS = ["a.csv", "a.jsonl", "a.parquet"]


def line_of(name, position):
    """Return the line of the row at a position from 1; in CSV the header is line 1."""
    return position + 1 if ".csv" in name else position


def assert_one_bad_row(feed, name, rows, bad_position, field, reason):
    feed.deliver(name, rows)
    feed.deliver("other.jsonl", feed.rows(2, first=90))
    landed = feed.land()
    assert feed.refusals() == [(name, line_of(name, bad_position), field, reason)]
    good = [(name, line_of(name, place)) for place in range(1, len(rows) + 1) if place != bad_position]
    assert feed.lines() == [*good, ("other.jsonl", 1), ("other.jsonl", 2)]
    assert (landed.rows_landed, landed.rows_refused) == (len(rows) + 1, 1)
    assert landed.refused_by_reason == {reason: 1}
    assert landed.files_refused == 0


def test_a_row_with_a_null_key_is_refused(feed):
    key = feed.stream.key[0]
    rows = [*feed.rows(2), feed.row(3, **{key: None}), feed.row(4)]
    assert_one_bad_row(feed, "a" + feed.ending, rows, 3, key, "missing_required_value")


def test_a_row_with_a_blank_key_is_refused(feed):
    key = feed.stream.key[0]
    assert_one_bad_row(feed, "a.jsonl", [feed.row(1), feed.row(2, **{key: "  "})], 2, key, "missing_required_value")


def test_a_31st_of_february_is_refused(every_feed):
    field = every_feed.field_of("date", "timestamp")
    if field is None:
        pytest.skip("the stream has no date")
    value = "2026-02-31" if field.type == "date" else "2026-02-31T10:00:00Z"
    rows = [*every_feed.rows(3), every_feed.row(4, **{field.name: value}), every_feed.row(5)]
    assert_one_bad_row(every_feed, "a" + every_feed.ending, rows, 4, field.name, f"not_a_{field.type}")


@pytest.mark.parametrize(("table", "field"), [("contacts", "Birthdate"), ("loyalty_members", "date_of_birth")])
def test_an_impossible_date_of_birth_is_refused_and_the_person_lands_without_it(request, table, field):
    people = request.getfixturevalue(table)
    name = "a" + people.ending
    people.deliver(name, [people.row(1), people.row(2, **{field: "1980-02-31"}), people.row(3)])
    landed = people.land()
    lines = [line for _, line in people.lines()]
    assert people.refusals() == [(name, lines[1], field, "not_a_date")]
    assert (landed.rows_landed, landed.rows_refused, landed.values_refused) == (3, 0, 1)
    assert people.query("select is_row_landed from operations.quarantined") == [(True,)]
    values = people.query(f'select "{field}" from landing.{people.stream.table} order by _source_line')
    assert [value is None for (value,) in values] == [False, True, False]


@pytest.mark.parametrize("name", FORMATS)
def test_a_negative_amount_is_refused(transaction_items, name):
    rows = [transaction_items.row(1), transaction_items.row(2, unit_price="-0.01"), transaction_items.row(3)]
    assert_one_bad_row(transaction_items, name, rows, 2, "unit_price", "negative_amount")


@pytest.mark.parametrize(
    ("name", "price", "reason"),
    [("a.csv", "-0.01", "negative_amount"), ("a.jsonl", -0.01, "negative_amount"), ("a.jsonl", "x", "not_a_decimal")],
)
def test_a_line_item_with_a_wrong_price_is_refused(orders, name, price, reason):
    items = [{"sku": "A", "price": "1.00"}, {"sku": "B", "price": price}]
    rows = [orders.row(1), orders.row(2, line_items=items), orders.row(3)]
    assert_one_bad_row(orders, name, rows, 2, "line_items[*].price", reason)


def test_an_amount_that_may_be_negative_lands(transaction_items):
    transaction_items.deliver("a.csv", [transaction_items.row(1, line_amount="-12.50", quantity="-1")])
    assert transaction_items.land().rows_landed == 1


def test_a_field_of_10_megabytes_is_refused(feed):
    field = feed.stream.fields[1].name
    rows = [feed.row(1), feed.row(2, **{field: "x" * 10_000_000}), feed.row(3)]
    assert_one_bad_row(feed, "a" + feed.ending, rows, 2, field, "field_too_large")
    assert feed.query("select max(strlen(raw_row)) <= 10000 from operations.quarantined") == [(True,)]


def test_invalid_json_on_line_7_is_refused(feed):
    lines = [orjson.dumps(row) for row in feed.rows(9)]
    lines[6] = lines[6][:-1]
    feed.deliver("a.jsonl", b"\n".join(lines) + b"\n")
    landed = feed.land()
    assert feed.refusals() == [("a.jsonl", 7, None, "invalid_json")]
    assert [line for _, line in feed.lines()] == [1, 2, 3, 4, 5, 6, 8, 9]
    assert (landed.rows_landed, landed.rows_refused) == (8, 1)


def test_json_that_is_not_an_object_is_refused(feed):
    feed.deliver("a.jsonl", b'[1]\n"text"\n' + orjson.dumps(feed.row(1)))
    feed.land()
    assert feed.refusals() == [("a.jsonl", 1, None, "not_an_object"), ("a.jsonl", 2, None, "not_an_object")]
    assert feed.lines() == [("a.jsonl", 3)]


def test_a_broken_quote_loses_its_own_line_only(feed):
    lines = feed.deliver("a.csv", feed.rows(6)).read_text().splitlines()
    lines[3] = '"' + lines[3]
    feed.deliver("a.csv", "\n".join(lines).encode() + b"\n")
    landed = feed.land()
    assert feed.refusals() == [("a.csv", 4, None, "broken_quote")]
    assert [line for _, line in feed.lines()] == [2, 3, 5, 6, 7]
    assert (landed.rows_landed, landed.rows_refused) == (5, 1)
    assert feed.query("select raw_row from operations.quarantined") == [(lines[3],)]


def test_a_line_with_too_many_or_too_few_values_is_refused(feed):
    lines = feed.deliver("a.csv", feed.rows(3)).read_text().splitlines()
    feed.deliver("a.csv", "\n".join([*lines, lines[1] + ",surplus", "few,values", ""]).encode())
    feed.land()
    assert feed.refusals() == [("a.csv", 5, None, "wrong_column_count"), ("a.csv", 6, None, "wrong_column_count")]
    assert [line for _, line in feed.lines()] == [2, 3, 4]


def test_a_row_with_two_bad_fields_has_two_refusals_and_is_counted_once(contacts):
    contacts.deliver("a.csv", [contacts.row(1), contacts.row(2, Birthdate="soon", IsDeleted="perhaps")])
    landed = contacts.land()
    assert contacts.refusals() == [("a.csv", 3, "Birthdate", "not_a_date"), ("a.csv", 3, "IsDeleted", "not_a_boolean")]
    assert landed.rows_refused == 1
    assert landed.refused_by_reason == {"not_a_boolean": 1, "not_a_date": 1}


def test_a_retyped_cursor_refuses_the_file_and_not_the_stream(contacts):
    contacts.deliver("a.csv", [contacts.row(number, SystemModstamp="1767322800") for number in (1, 2, 3)])
    contacts.deliver("b.csv", contacts.rows(2))
    landed = contacts.land()
    assert contacts.refusals() == [("a.csv", None, "SystemModstamp", "retyped_required_column")]
    assert contacts.lines() == [("b.csv", 2), ("b.csv", 3)]
    assert (landed.files_refused, landed.rows_refused) == (1, 0)


def test_one_bad_cursor_beside_rows_with_other_faults_does_not_refuse_the_file(contacts):
    bad = {"SystemModstamp": "infinity"}, {"IsDeleted": "perhaps"}, {"SystemModstamp": ""}
    contacts.deliver("a.csv", [contacts.row(number, **each) for number, each in enumerate(bad, start=1)])
    landed = contacts.land()
    assert (landed.files_refused, landed.rows_refused) == (0, 3)


def test_ids_that_lost_digits_as_floats_refuse_the_file(loyalty_members):
    loyalty_members.deliver("a.parquet", [loyalty_members.row(1, member_id=float(2**60))])
    loyalty_members.land()
    assert loyalty_members.refusals() == [("a.parquet", None, "member_id", "retyped_required_column")]
