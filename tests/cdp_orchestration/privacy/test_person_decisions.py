"""People are restricted and rectified by files that name their records, which a stage reads and an erasure empties."""

import json
from pathlib import Path

import duckdb
import pytest
from small_releases import FIRST, make_live

from cdp_orchestration.errors import DecisionError, ProfileNotFoundError
from cdp_orchestration.home.audit import read_audit
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.privacy.rectifying import rectify, standard_value, withdraw_rectification
from cdp_orchestration.privacy.restricting import lift, restrict
from cdp_orchestration.stages.inputs import PERSON_DECISIONS, present_inputs
from cdp_orchestration.stages.person_decisions import (
    forget_decisions,
    person_decisions_fingerprint,
    read_rectifications,
    read_restrictions,
    rectifications_file,
    restrictions_file,
    store_person_decisions,
)

COLUMNS = {
    "profiles": {"profile_id": "varchar", "country_code": "varchar"},
    "profile_records": {
        "person_record_id": "varchar",
        "profile_id": "varchar",
        "source_record_id": "varchar",
        "source_system": "varchar",
        "source_record_type": "varchar",
    },
    "profile_redirects": {"old_profile_id": "varchar", "profile_id": "varchar"},
    "profile_identifiers": {"profile_id": "varchar", "identifier_value": "varchar"},
}
ROWS = {
    "profiles": [("p", "GB"), ("q", "GB")],
    "profile_records": [
        ("crm:contact:1", "p", "1", "crm", "contact"),
        ("crm:contact:2", "p", "2", "crm", "contact"),
        ("crm:contact:3", "q", "3", "crm", "contact"),
    ],
    "profile_redirects": [],
    "profile_identifiers": [("p", "ada@example.org"), ("q", "bob@example.org")],
}
BY = {"by": "an employee", "why": "letter of May"}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    make_live(tmp_path / "home", FIRST, ROWS, COLUMNS)
    return Settings(tmp_path / "home")


def _stored(settings: Settings, table: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        connection.execute("create schema operations")
        store_person_decisions(connection, settings)
        store_person_decisions(connection, settings)  # a second build changes nothing
        return connection.execute(f"select * exclude (decided_at) from operations.{table} order by all").fetchall()


def test_a_restriction_names_all_records_of_the_profile_until_it_is_lifted(home: Settings) -> None:
    restrict(home, "ada@example.org", **BY)
    assert _stored(home, "restricted_records") == [("crm:contact:1",), ("crm:contact:2",)]
    lift(home, "crm:contact:2", **BY)
    assert _stored(home, "restricted_records") == []


def test_who_is_restricted_already_or_not_at_all_is_said(home: Settings) -> None:
    with pytest.raises(DecisionError, match="profile p is not restricted"):
        lift(home, "p", **BY)
    restrict(home, "p", **BY)
    with pytest.raises(DecisionError, match="profile p is restricted already"):
        restrict(home, "crm:contact:1", **BY)
    with pytest.raises(ProfileNotFoundError):
        restrict(home, "no.one@example.org", **BY)


def test_the_audit_log_names_decisions_by_ids_and_counts(home: Settings) -> None:
    restrict(home, "p", **BY)
    rectify(home, "p", "email", "ada@example.com", **BY)
    withdraw_rectification(home, "p", "email", **BY)
    lift(home, "p", **BY)
    entries = read_audit(home.audit)
    assert [entry.action for entry in entries] == [
        "restrict person",
        "rectify person",
        "withdraw rectification",
        "lift restriction",
    ]
    assert entries[0].subject == entries[3].subject
    text = home.audit.read_text(encoding="utf-8")
    assert "crm:contact" not in text
    assert "ada@" not in text


def test_a_value_that_is_set_again_replaces_the_one_before(home: Settings) -> None:
    rectify(home, "p", "email", "Old@Example.org", **BY)
    rectify(home, "p", "city", "Bern", **BY)
    rectify(home, "q", "email", "q@example.org", **BY)
    rectify(home, "p", "email", "New@Example.org", **BY)
    assert _stored(home, "rectified_values") == [
        ("crm:contact:1", "city", "Bern", "letter of May"),
        ("crm:contact:1", "email", "new@example.org", "letter of May"),
        ("crm:contact:2", "city", "Bern", "letter of May"),
        ("crm:contact:2", "email", "new@example.org", "letter of May"),
        ("crm:contact:3", "email", "q@example.org", "letter of May"),
    ]
    withdraw_rectification(home, "p", "email", **BY)
    assert [(each.attribute, each.value) for each in read_rectifications(home)] == [
        ("city", "Bern"),
        ("email", "q@example.org"),
    ]
    with pytest.raises(DecisionError, match="no one set email of profile p"):
        withdraw_rectification(home, "p", "email", **BY)


@pytest.mark.parametrize(
    ("attribute", "value", "standard"),
    [
        ("email", " Ada@Example.ORG ", "ada@example.org"),
        ("phone", "+49 (0)1512 3456789", "+4915123456789"),
        ("date_of_birth", "1980-01-31", "1980-01-31"),
        ("country_code", "gb", "GB"),
        ("preferred_language", "DE", "de"),
        ("full_name", "  Zoë   O'Hara ", "Zoë O'Hara"),
    ],
)
def test_a_value_is_stored_in_its_standard_form(attribute: str, value: str, standard: str) -> None:
    assert standard_value(attribute, value) == standard


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("email", "someone"),
        ("email", "ada@example.org, eve@example.org"),
        ("phone", "0151 2345678"),
        ("date_of_birth", "31.01.1980"),
        ("date_of_birth", "2999-01-01"),
        ("country_code", "Germany"),
        ("city", ""),
        ("city", "x" * 201),
        ("full_name", "Ada\u202eevil"),
    ],
)
def test_a_value_of_another_kind_is_refused_and_not_repeated(attribute: str, value: str) -> None:
    with pytest.raises(DecisionError, match=f"the value of {attribute} is none of its kind") as refused:
        standard_value(attribute, value)
    assert value == "" or value not in str(refused.value)


def test_an_attribute_that_no_one_may_set_is_named(home: Settings) -> None:
    with pytest.raises(DecisionError, match="'profile_id' is no value that can be set; expected one of full_name"):
        rectify(home, "p", "profile_id", "q", **BY)


def test_a_decision_makes_the_profiles_stage_run_again_and_its_end_too(home: Settings) -> None:
    def inputs() -> dict[str, str]:
        with duckdb.connect() as connection:
            return present_inputs(connection, home, "profiles", {})

    before = inputs()
    assert PERSON_DECISIONS not in before
    restrict(home, "p", **BY)
    restricted = inputs()
    rectify(home, "q", "city", "Bern", **BY)
    assert len({restricted[PERSON_DECISIONS], inputs()[PERSON_DECISIONS]}) == 2
    withdraw_rectification(home, "q", "city", **BY)
    assert inputs() == restricted
    lift(home, "p", **BY)
    assert inputs() == before


def test_an_erasure_leaves_no_decision_about_the_person(home: Settings) -> None:
    restrict(home, "p", **BY)
    restrict(home, "q", **BY)
    rectify(home, "p", "email", "ada@example.com", **BY)
    assert forget_decisions(home, {"crm:contact:1"}) == 2
    assert read_restrictions(home)[0].person_record_ids == ("crm:contact:2",)
    assert forget_decisions(home, {"crm:contact:1", "crm:contact:2"}) == 2
    assert [each.person_record_ids for each in read_restrictions(home)] == [("crm:contact:3",)]
    assert read_rectifications(home) == []
    assert "ada@" not in rectifications_file(home).read_text(encoding="utf-8")
    assert forget_decisions(home, {"crm:contact:1"}) == 0


@pytest.mark.parametrize("content", ["{", "[]", '{"decisions": [{"why": 1}]}', '{"decisions": [{}]}'])
def test_a_file_that_cannot_be_read_whole_is_named(home: Settings, content: str) -> None:
    restrictions_file(home).parent.mkdir(parents=True)
    restrictions_file(home).write_text(content, encoding="utf-8")
    with pytest.raises(DecisionError, match=r"restrictions\.json cannot be read whole.*Correct it"):
        person_decisions_fingerprint(home)


def test_the_files_are_json_with_the_keys_of_records(home: Settings) -> None:
    restrict(home, "p", **BY)
    written = json.loads(restrictions_file(home).read_text(encoding="utf-8"))
    assert written["decisions"][0]["person_record_ids"] == ["crm:contact:1", "crm:contact:2"]
