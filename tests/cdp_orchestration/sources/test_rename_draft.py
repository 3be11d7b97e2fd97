"""Another vendor's export is drafted as renames of the fields of a stream that ships."""

import json
from pathlib import Path

import pytest
import yaml

from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import land_stream
from cdp_orchestration.landing.samples import sample_of_file
from cdp_orchestration.sources import declared_sources, declared_stream, shipped_streams
from cdp_orchestration.sources.drafting.additions import add_source
from cdp_orchestration.sources.drafting.inference import infer

HUBSPOT = """Record ID,First Name,Last Name,Email,Mobile Phone Number,Create Date,Last Modified Date,Lifecycle Stage
901,Ada,Byron,ada@mail.org,+44 20 7946 0018,2026-01-01 10:00,2026-01-02 10:00,Customer
902,Carl,Benz,carl@mail.org,,2026-01-01 10:00,2026-01-02 10:00,Lead
"""
GERMAN = """Kundennummer;Vorname;Nachname;E-Mail;Telefon;Geburtsdatum;PLZ;Geändert am
K1;Jürgen;Groß;j.gross@web.de;030 1234567;01.02.1980;10115;11.02.2026 08:00
K2;Eva;Ott;eva@web.de;;13.02.1980;10117;12.02.2026 08:00
"""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def drafted(home: Settings, text: str) -> dict[str, object]:
    """Draft the contacts of a file of the inbox, and return what stands below the stream."""
    path = home.inbox / "crm" / "contacts" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    written = add_source(home, "crm/contacts", infer(sample_of_file(path)))
    return dict(yaml.safe_load(written.read_text(encoding="utf-8"))["streams"]["contacts"])


def test_the_headings_of_another_crm_lead_to_the_fields_that_ship(home: Settings) -> None:
    assert drafted(home, HUBSPOT) == {
        "renames": {
            "Record ID": "Id",
            "Mobile Phone Number": "MobilePhone",
            "Create Date": "CreatedDate",
            "Last Modified Date": "SystemModstamp",
        }
    }
    (source,) = (source for source in declared_sources(home) if source.name == "crm")
    assert source.owner == "team:data-engineering"
    assert land_stream(declared_stream("crm/contacts", home), home).rows_landed == 2


def test_a_heading_that_is_known_for_no_field_is_named_in_a_comment(home: Settings) -> None:
    drafted(home, HUBSPOT)
    text = (home.own_sources / "crm.yml").read_text(encoding="utf-8")
    assert "# kept in _extra and not read: Lifecycle Stage" in text


def test_the_formats_of_its_values_are_said_of_the_fields(home: Settings) -> None:
    found = drafted(home, GERMAN)
    assert found["fields"] == {
        "Birthdate": {"format": "%d.%m.%Y"},
        "SystemModstamp": {"format": "%d.%m.%Y %H:%M"},
    }
    landed = land_stream(declared_stream("crm/contacts", home), home)
    assert (landed.rows_landed, landed.refused_by_reason) == (2, {})


def test_a_member_of_an_object_is_renamed_whatever_it_is_called(home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "contacts.jsonl"
    row = '{"id": "1", "properties": {"email": "a@b.org", "lastmodifieddate": "2026-01-02T10:00:00Z"}}'
    path.write_text(row + "\n", encoding="utf-8")
    add_source(home, "crm/contacts", infer(sample_of_file(path)))
    stream = declared_stream("crm/contacts", home)
    assert dict(stream.renames) == {"properties.email": "Email", "properties.lastmodifieddate": "SystemModstamp"}
    folder = home.inbox / "crm" / "contacts"
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_text(row + "\n", encoding="utf-8")
    assert land_stream(stream, home).rows_landed == 1


def test_an_export_with_the_names_that_ship_needs_no_renames(home: Settings) -> None:
    with pytest.raises(DeclarationError, match="nothing has to be declared"):
        drafted(home, "Id,Email,SystemModstamp\n1,a@b.org,2026-01-01T10:00:00Z\n")
    assert not home.own_sources.exists()


def test_a_stream_whose_changes_are_declared_is_left_as_it_is(home: Settings) -> None:
    drafted(home, HUBSPOT)
    with pytest.raises(DeclarationError, match="has stream contacts already"):
        add_source(home, "crm/contacts", infer(sample_of_file(home.inbox / "crm" / "contacts" / "a.csv")))


def test_a_second_stream_that_ships_is_drafted_into_the_same_file(home: Settings, tmp_path: Path) -> None:
    drafted(home, HUBSPOT)
    path = tmp_path / "companies.csv"
    path.write_text("Company ID,Name,Last Modified\nC1,Acme,2026-01-02 10:00\n", encoding="utf-8")
    add_source(home, "crm/accounts", infer(sample_of_file(path)))
    accounts = declared_stream("crm/accounts", home)
    assert dict(accounts.renames) == {"Company ID": "Id", "Last Modified": "SystemModstamp"}
    assert len(shipped_streams()) == sum(len(source.streams) for source in declared_sources(home))


WOO_ORDER = {
    "id": 727,
    "status": "completed",
    "currency": "EUR",
    "date_created": "2026-03-01T11:00:00",
    "date_created_gmt": "2026-03-01T10:00:00",
    "date_modified": "2026-03-02T11:00:00",
    "date_modified_gmt": "2026-03-02T10:00:00",
    "total": "105.00",
    "customer_id": 25,
    "billing": {
        "first_name": "Ada", "last_name": "Byron", "address_1": "Main St 5", "city": "Berlin", "state": "BE",
        "postcode": "10115", "country": "DE", "email": "ada@mail.org", "phone": "+4930123456",
    },
}  # fmt: skip


def test_an_order_of_another_shop_is_drafted_into_the_documents_of_the_stream(home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    rows = [WOO_ORDER, WOO_ORDER | {"id": 728, "status": "cancelled", "customer_id": 0}]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")

    add_source(home, "ecommerce/orders", infer(sample_of_file(path), "orders"))

    stream = declared_stream("ecommerce/orders", home)
    assert dict(stream.renames) == {
        "date_created_gmt": "created_at",
        "date_modified_gmt": "updated_at",
        "status": "financial_status",
        "total": "total_price",
        "customer_id": "customer.id",
        "billing.first_name": "billing_address.first_name",
        "billing.last_name": "billing_address.last_name",
        "billing.address_1": "billing_address.address1",
        "billing.city": "billing_address.city",
        "billing.state": "billing_address.province_code",
        "billing.postcode": "billing_address.zip",
        "billing.country": "billing_address.country_code",
        "billing.email": "email",
        "billing.phone": "phone",
    }
    assert stream.values == (("customer.id", (("0", None),)),)


def test_a_stated_consent_leads_to_the_field_that_ships_by_its_own_words(home: Settings) -> None:
    found = drafted(
        home, HUBSPOT.replace("Lifecycle Stage", "Email Opt Out").replace("Customer", "true").replace("Lead", "false")
    )

    assert found["renames"]["Email Opt Out"] == "HasOptedOutOfEmail"


def test_an_opt_in_is_the_opposite_of_the_opt_out_that_ships(home: Settings) -> None:
    text = HUBSPOT.replace("Lifecycle Stage", "Marketing Email Consent")
    found = drafted(home, text.replace("Customer", "granted").replace("Lead", "refused"))

    assert found["renames"]["Marketing Email Consent"] == "HasOptedOutOfEmail"
    assert found["values"] == {"HasOptedOutOfEmail": {"granted": False, "denied": True, "refused": True}}
