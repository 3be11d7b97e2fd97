"""A field says how its source writes days, times and numbers; landing reads them so, and refuses what is not so."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.sources import declared_stream

CLUB = """
source: club
streams:
  members:
    key: [id]
    fields:
      id: identifier
      value: %s
      note: text
"""
CONTACTS = """
source: crm
streams:
  contacts:
    fields:
      Birthdate: {format: "%d.%m.%Y"}
      SystemModstamp: {format: epoch_milliseconds}
"""


at = datetime.fromisoformat


def landed(home, field, *written, name="a.csv"):
    """Return the value of each row as it landed, and the reasons of the refused values."""
    home.own_sources.mkdir(parents=True, exist_ok=True)
    (home.own_sources / "club.yml").write_text(CLUB % field, encoding="utf-8")
    folder = home.inbox / "club" / "members"
    folder.mkdir(parents=True)
    rows = [f'{number},"{value}",x' for number, value in enumerate(written)]
    if name.endswith(".jsonl"):
        rows = [f'{{"id": {number}, "value": {value}, "note": "x"}}' for number, value in enumerate(written)]
    else:
        rows = ["id,value,note", *rows]
    (folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    land_stream(declared_stream("club/members", home), home)
    with open_warehouse(home.warehouse) as connection:
        found = connection.execute("select value from landing.club_members order by id").fetchall()
        reasons = connection.execute("select reason from operations.quarantined order by source_line").fetchall()
    return [value for (value,) in found], [reason for (reason,) in reasons]


@pytest.fixture
def home(tmp_path):
    return Settings(tmp_path)


@pytest.mark.parametrize(
    ("field", "written", "read"),
    [
        ("{kind: date, format: '%d.%m.%Y'}", "1.2.1981", date(1981, 2, 1)),
        ("{kind: date, format: '%d.%m.%Y'}", "1981-02-01", date(1981, 2, 1)),  # as a workbook gives it
        ("{kind: date_of_birth, format: '%m/%d/%Y'}", "02/13/1981", date(1981, 2, 13)),
        ("{kind: date_of_birth, format: '%d.%m.%Y %H:%M'}", "01.02.1981 00:00", date(1981, 2, 1)),
        ("{kind: date, format: '%Y%m%d'}", "19810201", date(1981, 2, 1)),
        ("{kind: date, format: '%d-%b-%y'}", "01-Feb-26", date(2026, 2, 1)),
        ("{kind: date, format: ['%d.%m.%Y', '%d/%m/%Y']}", "01/02/1981", date(1981, 2, 1)),
        ("{kind: timestamp, format: '%d.%m.%Y %H:%M'}", "11.02.2026 08:05", at("2026-02-11 08:05:00")),
        ("{kind: timestamp, format: '%d.%m.%Y'}", "11.02.2026", at("2026-02-11 00:00:00")),
        ("{kind: occurrence, format: '%m/%d/%Y %I:%M %p'}", "10/14/2025 8:05 pm", at("2025-10-14 20:05:00")),
        ("{kind: timestamp, format: '%d %B %Y %H:%M:%S.%f'}", "1 march 2026 08:05:00.25",
         at("2026-03-01 08:05:00.250000")),
        ("{kind: timestamp, format: '%d.%m.%Y %H:%M:%S%z'}", "11.02.2026 08:05:00+0200", at("2026-02-11 06:05:00")),
        ("{kind: timestamp, format: '%d.%m.%Y %H:%M:%S%z'}", "11.02.2026 08:05:00Z", at("2026-02-11 08:05:00")),
        ("{kind: timestamp, format: epoch_seconds}", "1767225600", at("2026-01-01 00:00:00")),
        ("{kind: timestamp, format: epoch_seconds}", "1767225600.5", at("2026-01-01 00:00:00.500000")),
        ("{kind: timestamp, format: epoch_milliseconds}", "1767225600123", at("2026-01-01 00:00:00.123000")),
        ("{kind: timestamp, format: epoch_microseconds}", "1767225600123456", at("2026-01-01 00:00:00.123456")),
        ("{kind: timestamp, format: [epoch_seconds, '%d.%m.%Y']}", "01.01.2026", at("2026-01-01 00:00:00")),
        ("{kind: timestamp, time_zone: Europe/Berlin}", "2026-02-11 08:05:00", at("2026-02-11 07:05:00")),
        ("{kind: timestamp, time_zone: Europe/Berlin}", "2026-07-11T08:05", at("2026-07-11 06:05:00")),
        ("{kind: timestamp, time_zone: Europe/Berlin}", "2026-02-11", at("2026-02-10 23:00:00")),
        ("{kind: timestamp, time_zone: Europe/Berlin}", "2026-02-11T08:05:00Z", at("2026-02-11 08:05:00")),
        ("{kind: timestamp, time_zone: Europe/Berlin}", "2026-02-11 08:05:00-05", at("2026-02-11 13:05:00")),
        ("{kind: timestamp, format: '%d.%m.%Y %H:%M', time_zone: America/New_York}", "11.02.2026 08:05",
         at("2026-02-11 13:05:00")),
        ("{kind: timestamp, format: epoch_seconds, time_zone: Europe/Berlin}", "1767225600", at("2026-01-01 00:00:00")),
        ("{kind: amount, divided_by: 100}", "1999", Decimal("19.99")),
        ("{kind: signed_amount, divided_by: 100}", "-5", Decimal("-0.05")),
        ("{kind: amount, divided_by: 100}", "1000000000000", Decimal(10_000_000_000)),
        ("{kind: amount, divided_by: 1000}", "12345", Decimal("12.345")),
        ("{kind: amount, decimal: ','}", "1.234,50", Decimal("1234.5")),
        ("{kind: amount, decimal: ','}", "1.234", Decimal(1234)),
        ("{kind: amount, decimal: ','}", "12,5", Decimal("12.5")),
        ("{kind: amount, decimal: ','}", "1 234,50 €", Decimal("1234.5")),
        ("{kind: amount, decimal: ','}", "1\u202f234,50", Decimal("1234.5")),
        ("{kind: amount, decimal: '.'}", "$1,234.50", Decimal("1234.5")),
        ("{kind: amount, decimal: '.'}", "1'234.50", Decimal("1234.5")),
        ("{kind: signed_amount, decimal: '.'}", "-$ 12.50", Decimal("-12.5")),
        ("{kind: signed_amount, decimal: ',', divided_by: 100}", "1.250", Decimal("12.5")),
        ("{kind: integer, decimal: '.'}", "12,345", 12345),
        ("{kind: quantity, decimal: ','}", "0,5", Decimal("0.5")),
        ("{kind: signed_amount, decimal: '.'}", "\u22125.50", Decimal("-5.5")),
        ("{kind: signed_amount, decimal: '.'}", "(12.50)", Decimal("-12.5")),
        ("{kind: signed_amount, decimal: '.'}", "($1,234.50)", Decimal("-1234.5")),
        ("{kind: signed_amount, decimal: '.'}", "$(5)", Decimal(-5)),
        ("{kind: signed_amount, decimal: '.'}", "12.50-", Decimal("-12.5")),
        ("{kind: signed_amount, decimal: '.'}", "300 EUR", Decimal(300)),
        ("{kind: signed_amount, decimal: '.'}", "R$ 1,234.50", Decimal("1234.5")),
        ("{kind: signed_amount, decimal: ','}", "1.234,50 z\u0142", Decimal("1234.5")),
        ("{kind: signed_amount, decimal: ','}", "1\u2009234,5", Decimal("1234.5")),
        ("boolean", "Ja", True),
        ("boolean", "nein", False),
        ("boolean", "Sí", True),
    ],
)  # fmt: skip
def test_a_value_is_read_as_its_field_declares(home, field, written, read):
    assert landed(home, field, written) == ([read], [])


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("{kind: date_of_birth, format: '%d.%m.%Y'}", "31.02.1981"),
        ("{kind: date_of_birth, format: '%d.%m.%Y'}", "01.02.81"),
        ("{kind: date_of_birth, format: '%d.%m.%Y'}", "01/02/1981"),
        ("{kind: date_of_birth, format: '%Y-%d-%m'}", "1981-01-25"),  # no day, and as ISO 8601 another one
        ("{kind: amount, decimal: ','}", "1,234.50"),
        ("{kind: amount, decimal: ','}", "12.50"),
        ("{kind: amount, decimal: '.'}", "1,23"),
        ("{kind: amount, decimal: '.'}", "12.50 kg"),
        ("{kind: signed_amount, decimal: '.'}", "-(5)"),
        ("{kind: signed_amount, decimal: '.'}", "5--"),
        ("{kind: signed_amount, decimal: '.'}", "EUR"),
        ("{kind: signed_amount, decimal: '.'}", "12.5 %"),
        ("{kind: amount, divided_by: 100}", "-5"),
        ("{kind: amount, divided_by: 100}", "1000000000100"),
        ("{kind: timestamp, format: epoch_seconds}", "1767225600123"),
        ("{kind: timestamp, format: epoch_seconds}", "1.7e9"),
    ],
)
def test_a_value_of_another_form_is_refused(home, field, written):
    found, reasons = landed(home, field, written)
    assert len(reasons) == 1
    assert [value for value in found if value is not None] == []


def test_numbers_of_json_are_read_by_the_declared_format(home):
    field = "{kind: timestamp, format: epoch_seconds}"
    assert landed(home, field, "1767225600", "1767225600.0", '"1767225600"', "null", name="a.jsonl") == (
        [at("2026-01-01 00:00:00")] * 3 + [None],
        [],
    )


def test_a_file_that_ends_inside_a_declared_time_is_refused_until_it_goes_on(home):
    home.own_sources.mkdir(parents=True)
    declared = CLUB % "text" + '      at: {kind: timestamp, format: "%d.%m.%Y %H:%M"}\n'
    (home.own_sources / "club.yml").write_text(declared, encoding="utf-8")
    folder = home.inbox / "club" / "members"
    folder.mkdir(parents=True)
    text = "id,at\n1,11.02.2026 08:05\n2,11.02.2026 08:06\n3,11.02.2026 08:07"
    stream = declared_stream("club/members", home)
    (folder / "a.csv").write_text(text[:-6], encoding="utf-8")
    assert land_stream(stream, home).rows_landed == 0
    (folder / "a.csv").write_text(text + "\n", encoding="utf-8")
    assert land_stream(stream, home).rows_landed == 3


def test_a_home_says_how_the_vendor_of_a_shipped_stream_writes_a_field(home):
    home.own_sources.mkdir(parents=True)
    (home.own_sources / "crm.yml").write_text(CONTACTS, encoding="utf-8")
    folder = home.inbox / "crm" / "contacts"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("Id,Birthdate,SystemModstamp\n1,01.02.1981,1767225600123\n", encoding="utf-8")
    land_stream(declared_stream("crm/contacts", home), home)
    with open_warehouse(home.warehouse) as connection:
        found = connection.execute("select Birthdate, SystemModstamp from landing.crm_contacts").fetchall()
    assert found == [(date(1981, 2, 1), at("2026-01-01 00:00:00.123000"))]
