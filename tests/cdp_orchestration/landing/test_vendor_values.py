"""Another vendor's export of a stream that ships: members of its JSON fields put together, words exchanged."""

import json
from pathlib import Path

import pytest

from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.landing.files.written_deliveries import rewrite
from cdp_orchestration.landing.inbox import find_deliveries
from cdp_orchestration.sources import Stream, declared_stream

NAME = "ecommerce/orders"
WOO_ORDERS = """
source: ecommerce
streams:
  orders:
    renames:
      date_modified_gmt: updated_at
      total: total_price
      status: financial_status
      customer_id: customer.id
      billing: billing_address
      billing.email: email
      billing.address_1: billing_address.address1
      billing.postcode: billing_address.zip
      line_items.*.name: line_items.*.title
    values:
      financial_status: {completed: paid, on-hold: pending}
      customer.id: {0: null}
"""
ORDER = {
    "id": 727,
    "status": "Completed",
    "total": "105.00",
    "customer_id": 25,
    "date_modified_gmt": "2026-03-02T10:00:00",
    "billing": {"first_name": "Ada", "email": "ada@example.org", "address_1": "Main St 5", "postcode": "10115"},
    "line_items": [{"id": 1, "name": "Shoe", "sku": "S1", "price": 50.10}, {"id": 2, "name": "Sock", "title": "Red"}],
}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    return Settings(home=tmp_path)


def declare(home: Settings, text: str, name: str) -> Stream:
    (home.own_sources / "own.yml").write_text(text, encoding="utf-8")
    return declared_stream(name, home)


def deliver(home: Settings, stream: Stream, file: str, text: str) -> None:
    folder = home.inbox / stream.source / stream.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text, encoding="utf-8")


def found(home: Settings, query: str) -> list[tuple[object, ...]]:
    with open_warehouse(home.warehouse) as connection:
        return connection.execute(query).fetchall()


def test_an_order_of_another_shop_becomes_one_of_the_shop_that_ships(home):
    orders = declare(home, WOO_ORDERS, "ecommerce/orders")
    guest = ORDER | {"id": 728, "status": "on-hold", "customer_id": 0, "billing": {"first_name": "Bo"}}
    deliver(home, orders, "a.jsonl", f"{json.dumps(ORDER)}\n{json.dumps(guest)}\n")

    landed = land_stream(orders, home)

    assert (landed.rows_landed, landed.rows_refused, landed.values_refused) == (2, 0, 0)
    query = "select financial_status, email, customer, billing_address from landing.ecommerce_orders order by id"
    (status, email, customer, address), (other_status, _, no_one, other_address) = found(home, query)
    assert (status, email, other_status) == ("paid", "ada@example.org", "pending")
    assert (json.loads(customer), no_one) == ({"id": "25"}, None)
    assert json.loads(address) == {"first_name": "Ada", "address1": "Main St 5", "zip": "10115"}
    assert json.loads(other_address) == {"first_name": "Bo"}
    ((lines,),) = found(home, "select line_items from landing.ecommerce_orders where id = '727'")
    assert [(line["title"], line.get("name")) for line in json.loads(lines)] == [("Shoe", None), ("Red", "Sock")]


def test_the_columns_of_a_table_become_one_document(home):
    orders = declare(
        home,
        """
        source: ecommerce
        streams:
          orders:
            renames: {Order: id, Changed: updated_at, City: billing_address.city, Buyer: customer.id, Sum: total_price}
        """,
        "ecommerce/orders",
    )
    deliver(
        home,
        orders,
        "a.csv",
        "Order,Changed,City,Buyer,Sum\n1,2026-03-01T10:00:00Z,Bonn,,5\n2,2026-03-01T10:00:00Z,,,6\n",
    )

    landed = land_stream(orders, home)

    assert (landed.rows_landed, landed.undeclared_columns) == (2, ())
    query = "select billing_address, customer from landing.ecommerce_orders order by id"
    assert found(home, query) == [('{"city":"Bonn"}', None), (None, None)]
    ((missing,),) = found(home, "select missing_columns from operations.landing_batches")
    assert "billing_address" not in missing
    assert "shipping_address" in missing


def test_words_for_yes_and_no_are_those_of_the_vendor(home):
    contacts = declare(
        home,
        """
        source: crm
        streams:
          contacts:
            renames: {Do not allow Emails: HasOptedOutOfEmail}
            values: {HasOptedOutOfEmail: {Do Not Allow: true, allow: false}}
        """,
        "crm/contacts",
    )
    rows = "1,2026-03-01T10:00:00Z,Do Not Allow\n2,2026-03-01T10:00:00Z,Allow\n3,2026-03-01T10:00:00Z,\n"
    deliver(home, contacts, "a.csv", f"Id,SystemModstamp,Do not allow Emails\n{rows}")

    land_stream(contacts, home)

    query = 'select "HasOptedOutOfEmail" from landing.crm_contacts order by "Id"'
    assert found(home, query) == [(True,), (False,), (None,)]


def test_a_word_inside_a_document_is_exchanged_where_it_stands(home):
    text = "source: support\nstreams: {tickets: {values: {via.channel: {2: web, 3: voice}}}}\n"
    tickets = declare(home, text, "support/tickets")
    rows = [{"channel": 2, "from": "x"}, {"channel": "email"}, None]
    lines = [{"id": n, "updated_at": "2026-03-01T10:00:00Z", "via": via} for n, via in enumerate(rows)]
    deliver(home, tickets, "a.jsonl", "\n".join(map(json.dumps, lines)) + "\n")

    land_stream(tickets, home)

    channels = found(home, "select json_extract_string(via, '$.channel') from landing.support_tickets order by id")
    assert channels == [("web",), ("email",), (None,)]


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_two_names_may_change_places(home, ending):
    tickets = declare(
        home,
        """
        source: support
        streams:
          tickets:
            renames: {description: description_html, description_text: description}
            fields: {description_html: {kind: long_text, staged: false}}
        """,
        "support/tickets",
    )
    row = {"id": "1", "updated_at": "2026-03-01T10:00:00Z", "description_text": "Late", "description": "<p>Late</p>"}
    texts = {"jsonl": json.dumps(row), "csv": f"{','.join(row)}\n{','.join(row.values())}"}
    deliver(home, tickets, f"a.{ending}", texts[ending] + "\n")

    land_stream(tickets, home)

    assert found(home, "select description, description_html from landing.support_tickets") == [("Late", "<p>Late</p>")]


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_a_file_that_an_erasure_writes_again_says_what_it_said(home, ending):
    orders = declare(
        home, WOO_ORDERS.replace("date_modified_gmt:", "Changed: updated_at\n      date_modified_gmt:"), NAME
    )
    flat = "id,status,total,customer_id,Changed\n727,completed,105.00,25,2026-03-02T10:00:00\n"
    deliver(home, orders, f"a.{ending}", flat if ending == "csv" else json.dumps(ORDER) + "\n")
    land_stream(orders, home)
    columns = "id, customer, financial_status, total_price, billing_address, line_items"
    before = found(home, f"select {columns} from landing.ecommerce_orders")

    (delivery,) = find_deliveries(orders, home)
    assert rewrite(delivery, orders, lambda raw: (raw.table, True))
    land_stream(orders, home, again={delivery.source_file})

    newest = "where _loaded_at = (select max(_loaded_at) from landing.ecommerce_orders)"
    assert found(home, f"select {columns} from landing.ecommerce_orders {newest}") == before


def test_of_several_names_of_one_field_the_first_that_a_file_has_counts(home):
    text = "source: crm\nstreams: {contacts: {renames: {Changed for us: SystemModstamp, Changed: SystemModstamp}}}\n"
    contacts = declare(home, text, "crm/contacts")
    deliver(home, contacts, "a.csv", "Id,Changed,Changed for us\n1,2026-01-01,2026-03-01\n")
    deliver(home, contacts, "b.csv", "Id,Changed\n2,2026-01-01\n")

    land_stream(contacts, home)

    times = found(home, 'select "SystemModstamp"::date::text from landing.crm_contacts order by "Id"')
    assert times == [("2026-03-01",), ("2026-01-01",)]


def test_a_file_lands_again_when_its_words_mean_something_else(home):
    before = declare(home, WOO_ORDERS, "ecommerce/orders")
    deliver(home, before, "a.jsonl", json.dumps(ORDER) + "\n")
    land_stream(before, home)

    after = declare(home, WOO_ORDERS.replace("completed: paid", "completed: pending"), "ecommerce/orders")

    assert land_stream(after, home).files_landed == 1
    assert found(home, "select financial_status from landing.ecommerce_orders") == [("pending",)]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("customer_id: customer.id", "customer_id: customers.id", "found customers.id; expected one of the declared"),
        (
            "customer_id: customer.id",
            "customer_id: email.id",
            "leads into email, of kind text; expected a field of kind",
        ),
        ("customer_id: customer.id", "customer_id: line_items.id", "expected line_items.*.<name> in renames"),
        ("customer_id: customer.id", "customer_id: customer.*.id", "expected customer.<name>"),
        ("line_items.*.name:", "line_items.name:", "expected both to name members of one list"),
        ("on-hold: pending", "on-hold: completed", "on-hold stands for completed, which stands for another word"),
    ],
)
def test_names_and_words_that_lead_nowhere_are_refused(home, old, new, says):
    with pytest.raises(DeclarationError) as refused:
        declare(home, WOO_ORDERS.replace(old, new), "ecommerce/orders")

    assert says in str(refused.value)


def test_tags_in_one_cell_are_a_list_of_words(home):
    tickets = declare(home, "source: support\nowner: team:desk\n", "support/tickets")
    cells = ['"parcel, vip client"', "parcel vip", '"[""a"",""b""]"', ""]
    rows = "".join(f"{number},2026-03-01T10:00:00Z,{cell}\n" for number, cell in enumerate(cells))
    deliver(home, tickets, "a.csv", f"id,updated_at,Tags\n{rows}")

    landed = land_stream(tickets, home)

    assert (landed.rows_landed, landed.refused_by_reason) == (4, {})
    tags = found(home, "select tags from landing.support_tickets order by id")
    assert tags == [('["parcel","vip client"]',), ('["parcel","vip"]',), ('["a","b"]',), (None,)]
