"""Ids and references: one thing keeps one id, whatever a program made of it; an id without its digits is refused."""

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_orchestration.sources import shipped_streams

TIMES = {"SystemModstamp": "2026-03-01T10:00:00Z"}
# Each stream lands once, with a file for each of its identifiers.
IDENTIFIERS = {
    stream.table: [field.name for field in stream.fields if field.is_identifier] for stream in shipped_streams()
}
SHORTENED = ["8.81234E+14", "8,81234E+14", "9E+12", "8.81234e+14", "8.81234E14", "-1.2E+05"]


@pytest.mark.slow
@pytest.mark.parametrize("table", IDENTIFIERS)
def test_a_shortened_id_is_refused_by_name_in_every_stream(feeds, table):
    feed, names = feeds[table], IDENTIFIERS[table]
    for name in names:
        feed.deliver(f"{name}.csv", [feed.row(1), feed.row(2, **{name: "8.81234E+14"}), feed.row(3)])
    feed.land()
    assert sorted(feed.refusals()) == sorted((f"{name}.csv", 3, name, "lost_digits") for name in names)
    assert sorted(feed.lines()) == sorted((f"{name}.csv", line) for name in names for line in (2, 4))


@pytest.mark.parametrize("written", SHORTENED)
def test_every_way_to_shorten_an_id_is_known(contacts, written):
    contacts.deliver("a.csv", [contacts.row(1), contacts.row(2, Loyalty_Number__c=written)])
    contacts.land()
    assert contacts.refusals() == [("a.csv", 3, "Loyalty_Number__c", "lost_digits")]
    assert "Excel" in contacts.query("select message from operations.quarantined")[0][0]


@pytest.mark.parametrize("written", ["1E5", "12E-34", "4f1c0a9e-0000-4e12-9e12-000000000001", "SKU-1.5E", "A.B+C"])
def test_an_id_that_only_looks_like_a_number_stays(transaction_items, written):
    transaction_items.deliver("a.csv", [transaction_items.row(1, sku=written)])
    transaction_items.land()
    assert transaction_items.landed("sku") == [(written,)]


def test_a_shortened_phone_number_is_lost_and_its_row_lands(contacts):
    contacts.deliver(
        "a.csv", [contacts.row(1), contacts.row(2, MobilePhone="4.61234E+10", MailingPostalCode="1.1E+04")]
    )
    landed = contacts.land()
    assert (landed.rows_landed, landed.rows_refused, landed.values_refused) == (2, 0, 2)
    assert contacts.landed("MobilePhone, MailingPostalCode")[1] == (None, None)


@pytest.mark.parametrize("number", [b"7.12345E+12", b'"7.12345E+12"', b"7.12345e12"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer", b'{"tags":"x","id":%s}'),
        ("line_items", b'[{"sku":"A","price":"3.00"},{"price":"1.00","product_id": %s,"sku":"B"}]'),
        ("refunds", b'[{"refund_line_items":[{"line_item_id":%s}]}]'),
    ],
)
def test_a_shortened_reference_inside_json_is_refused(orders, field, value, number):
    lines = [b'{"id":%d,"updated_at":"2026-03-01","%s":%s}' % (n, field.encode(), value % number) for n in (1, 2)]
    lines[0] = lines[0].replace(number, b"71")
    orders.deliver("a.jsonl", b"\n".join(lines) + b"\n")
    orders.land()
    assert orders.refusals() == [("a.jsonl", 2, field, "lost_digits")]


def test_a_shortened_reference_in_json_text_of_a_csv_is_refused(orders):
    items = [{"sku": "5.5E+11", "price": "1.00"}]
    orders.deliver("a.csv", [orders.row(1), orders.row(2, line_items=items)])
    orders.land()
    assert orders.refusals() == [("a.csv", 3, "line_items", "lost_digits")]


def test_a_shortened_number_of_a_json_key_is_refused(orders):
    orders.deliver("a.jsonl", b'{"id":1,"updated_at":"2026-03-01"}\n{"id":6.12345E+12,"updated_at":"2026-03-01"}\n')
    orders.land()
    assert orders.refusals() == [("a.jsonl", 2, "id", "lost_digits")]


@pytest.mark.slow
@pytest.mark.parametrize("table", IDENTIFIERS)
def test_a_whole_number_with_a_decimal_point_is_the_id_in_every_stream(feeds, table):
    feed, names = feeds[table], IDENTIFIERS[table]
    for name in names:
        feed.deliver(f"{name}.csv", [feed.row(1, **{name: "80412.0"})])
    feed.land()
    found = {
        name: feed.query(f"select \"{name}\" from landing.{table} where _source_file = '{name}.csv'") for name in names
    }
    assert found == {name: [("80412",)] for name in names}


def test_ids_of_data_frames_are_whole_inside_nested_json(orders):
    customer = '{"id":80412.0,"note":"id: 3.0","default_address":{"customer_id":80412.00,"height":2.0}}'
    items = '[{"id":"9.0","product_id":5.0,"price":"33.00","quantity":1.0}]'
    line = f'{{"id":1.0,"updated_at":"2026-03-01","customer":{customer},"line_items":{items}}}\n'
    orders.deliver("a.jsonl", line.encode())
    orders.land()
    ((order_id, customer, items),) = orders.landed("id, customer, line_items")
    assert order_id == "1"
    assert orjson.loads(customer) == {
        "id": 80412, "note": "id: 3.0", "default_address": {"customer_id": 80412, "height": 2.0}
    }  # fmt: skip
    assert '"id":80412,' in customer
    assert '"customer_id":80412,' in customer
    assert items == '[{"id":"9","product_id":5,"price":"33.00","quantity":1.0}]'


def test_ids_of_parquet_floats_are_whole_also_inside_structs_and_absent_ones_are_null(orders):
    table = pa.table(
        {
            "id": ["1", "2"],
            "updated_at": ["2026-03-01"] * 2,
            "customer": [{"id": 5.0}, {"id": 6.0}],
            "phone": [46.0, None],
        }
    )
    pq.write_table(table, orders.deliver("a.parquet", b""))
    orders.land()
    assert orders.landed("customer, phone") == [('{"id":5}', "46"), ('{"id":6}', None)]


@pytest.mark.parametrize("kind", [pa.float32(), pa.float64()])
def test_a_reference_that_lost_digits_as_a_float_refuses_the_file(feeds, kind):
    tickets = feeds["support_tickets"]
    ids = pa.array([123456789012345678.0], kind)
    pq.write_table(
        pa.table({"id": ["1"], "updated_at": ["2026-03-01"], "requester_id": ids}), tickets.deliver("a.parquet", b"")
    )
    tickets.land()
    assert tickets.refusals() == [("a.parquet", None, "requester_id", "retyped_required_column")]


@pytest.mark.parametrize(
    ("table", "name", "short", "long"),
    [
        ("crm_contacts", "Id", "0035g00000XyZab", "0035g00000XyZabAAF"),
        ("crm_contacts", "AccountId", "001D000000IqhSL", "001D000000IqhSLIAZ"),
        ("crm_accounts", "Id", "001D000000IRFma", "001D000000IRFmaIAH"),
        ("crm_campaign_members", "ContactId", "003D000000QzzzA", "003D000000QzzzAIAR"),
        ("crm_campaign_members", "CampaignId", "70130000000ABCD", "70130000000ABCDAA4"),
        ("crm_campaign_members", "Id", "00v000000000001", "00v000000000001AAA"),
    ],
)
def test_an_id_of_15_characters_lands_with_18(feeds, table, name, short, long):
    feed = feeds[table]
    feed.deliver("a.csv", [feed.row(1, **{name: short}), feed.row(2, **{name: long})])
    feed.land()
    assert feed.landed(f'"{name}"') == [(long,), (long,)]


def test_a_one_in_an_id_of_15_characters_is_no_capital(contacts):
    contacts.deliver("a.csv", [contacts.row(1, Id="0031g11111AbC1d")])
    contacts.land()
    assert contacts.landed("Id") == [("0031g11111AbC1dAAF",)]


def test_an_id_that_is_not_salesforces_stays(contacts):
    written = ["customer-000015", "C00000000000015", "0035g00000XyZa"]
    contacts.deliver("a.csv", [contacts.row(number, Id=each) for number, each in enumerate(written)])
    contacts.land()
    assert [row[0] for row in contacts.landed("Id")] == written


@pytest.mark.parametrize("word", ["NULL", "\\N", "N/A", "nan", "None", "<NA>"])
def test_a_word_for_nothing_is_no_reference(feeds, word):
    tickets = feeds["support_tickets"]
    tickets.deliver("a.csv", [tickets.row(1, requester_id=word)])
    tickets.land()
    assert tickets.landed("requester_id") == [(None,)]


def test_global_ids_of_graphql_refuse_the_file_once(feeds):
    customers = feeds["ecommerce_customers"]
    customers.deliver("a.csv", [customers.row(n, id=f"gid://shopify/Customer/{n}") for n in (1, 2, 3)])
    landed = customers.land()
    assert customers.refusals() == [("a.csv", None, "id", "graphql_export")]
    assert landed.rows_landed == 0
