"""Another vendor's export is drafted as renames of the fields of a stream that ships."""

from pathlib import Path

import pytest
import yaml

from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import land_stream
from cdp_orchestration.landing.samples import sample_of_file
from cdp_orchestration.sources import declared_sources, declared_stream, shipped_streams
from cdp_orchestration.sources.additions import add_source
from cdp_orchestration.sources.inference import infer

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
