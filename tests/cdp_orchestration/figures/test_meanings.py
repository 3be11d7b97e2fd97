"""What a field means decides whether a wrong value harms: by its declaration first, by its name else."""

from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.figures.watched import Watched, watched_values
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.sources import declared_stream

CLUB = """
source: club
streams:
  mitglieder:
    key: [nr]
    fields: {nr: identifier, mailadresse: text, rufnummer: digits, geboren: date_of_birth, werbung: text, stand: text}
    deleted: {field: stand, values: weg}
    person:
      record_type: mitglied
      emails: mailadresse
      phones: rufnummer
      date_of_birth: geboren
      consents: [{field: werbung, channel: email, granted: ja, refused: nein}]
  buchungen:
    key: [buchung]
    cursor: gebucht
    fields: {buchung: identifier, mitglied: text, gebucht: timestamp, preis: signed_amount, waehrung: currency}
    interaction:
      record_type: buchung
      occurred_at: gebucht
      of: {field: mitglied, record_type: mitglied}
      amount: preis
      currency: waehrung
      taxonomy: {"*": {touchpoint_type: booking, channel: store, stage: purchase}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """Return a home that declares a source of its own."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(CLUB, encoding="utf-8")
    return Settings(tmp_path)


def _watched(name: str, settings: Settings) -> dict[str, Watched]:
    with duckdb.connect() as connection:
        return {value.label: value for value in watched_values(connection, declared_stream(name, settings), "none")}


def test_a_declared_person_is_compared_by_what_its_fields_mean(home: Settings) -> None:
    found = _watched("club/mitglieder", home)
    assert found["mailadresse"].is_decisive
    assert found["mailadresse"].is_of_one
    assert found["geboren"].is_fixed
    assert found["werbung"].is_consent
    assert found["stand, at once"].kind == "ending"
    assert {"mailadresse, domain", "mailadresse, form", "rufnummer, beginning", "rufnummer, shape"} <= set(found)


def test_a_declared_interaction_is_compared_by_whose_it_is_and_what_was_paid(home: Settings) -> None:
    found = _watched("club/buchungen", home)
    assert found["mitglied"].names_person
    assert found["mitglied"].is_decisive
    assert found["preis"].is_decisive
    assert found["waehrung"].is_fixed
    assert "preis, sign" in found


def test_a_flag_that_ends_a_row_is_compared_among_new_rows_alone(home: Settings) -> None:
    found = _watched("support/users", home)
    assert not found["active"].is_decisive
    assert found["active, at once"].kind == "ending"
    assert found["verified"].is_decisive


def test_signs_between_the_digits_of_a_phone_are_no_difference(home: Settings) -> None:
    sql = _watched("club/mitglieder", home)["rufnummer"].sql
    with duckdb.connect() as connection:
        found = connection.execute(f"select {sql} from (select '+49 (30) 123-45' as rufnummer)").fetchall()
    assert found == [("+493012345",)]
