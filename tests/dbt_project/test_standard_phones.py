"""Phone numbers become E.164; the others get a reason."""

import importlib.util
from types import ModuleType, SimpleNamespace
from typing import NamedTuple

import duckdb
import pytest

from cdp_orchestration.home.settings import PROJECT_ROOT
from cdp_orchestration.release.phones import international_forms

MODELS = PROJECT_ROOT / "dbt_project" / "models" / "staging" / "person_records"


@pytest.fixture(scope="module")
def standard_phones() -> ModuleType:
    spec = importlib.util.spec_from_file_location("standard_phones", MODELS / "standard_phones.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Relation(NamedTuple):
    """The model's own table, as dbt passes it."""

    schema: str
    identifier: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.identifier}"


def build(module: ModuleType, connection: duckdb.DuckDBPyConnection) -> None:
    """Build like dbt: the model reads its last table, then its result replaces that table."""
    dbt = SimpleNamespace(
        config=lambda **options: None,
        ref=connection.table,
        this=Relation("main", "standard_phones"),
    )
    result = module.model(dbt, connection)
    connection.register("result", result)
    connection.execute("create or replace table standard_phones as select * from result")
    connection.unregister("result")


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table in ("person_values", "consent_contacts"):
        connection.execute(f"create table {table} (kind varchar, raw_value varchar, country_hint varchar)")
    return connection


@pytest.mark.parametrize(
    ("raw_value", "country_hint", "e164"),
    [
        ("+44 (0)20 7946 0018", None, "+442079460018"),
        ("00447447424591", "GB", "+447447424591"),
        ("07447 424591", "GB", "+447447424591"),
        ("030/901820", "DE", "+4930901820"),
        ("+49 30 901820", "GB", "+4930901820"),
        ("(212) 736-5000 ext. 12", "US", "+12127365000"),
        ("02064 628591", "GB", "+442064628591"),
        ("+52 33 3812 4407", None, "+523338124407"),
        ("+52 1 33 3812 4407", None, "+523338124407"),
        ("044 33 3812 4407", "MX", "+523338124407"),
        ("+55 11 8123-0311", None, "+5511981230311"),
        ("(11) 98123-0311", "BR", "+5511981230311"),
        ("+55 11 3123-0311", None, "+551131230311"),
    ],
)
def test_a_number_is_the_same_in_every_spelling(
    standard_phones: ModuleType, raw_value: str, country_hint: str | None, e164: str
) -> None:
    assert standard_phones.standard_phone(raw_value, country_hint) == (e164, None)


@pytest.mark.parametrize(
    ("raw_value", "country_hint", "reason"),
    [
        ("call my wife", "GB", "no_phone_number"),
        ("07447 424591", None, "no_country"),
        ("07447 424591 0000", "GB", "wrong_length"),
        ("628591", "GB", "wrong_length"),
        ("555-1234", "US", "wrong_length"),
        ("692 309 964 201 424", "DE", "wrong_length"),
        ("+49 3456", None, "wrong_length"),
        ("000-000-0000", "US", "placeholder"),
        ("123-456-7890", "US", "placeholder"),
        ("+49 999 9999999", None, "placeholder"),
    ],
)
def test_an_invalid_number_has_a_reason(
    standard_phones: ModuleType, raw_value: str, country_hint: str | None, reason: str
) -> None:
    assert standard_phones.standard_phone(raw_value, country_hint) == (None, reason)


def test_the_same_number_is_read_by_each_country_hint(
    standard_phones: ModuleType, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute(
        "insert into person_values values ('phone', '030 901820', 'DE'), ('phone', '030 901820', null), "
        "('phone', '030 901820', 'DE'), ('email', 'ann@mail.org', null)"
    )
    build(standard_phones, connection)
    rows = connection.execute("select country_hint, standard_value from standard_phones order by all").fetchall()
    assert rows == [("DE", "+4930901820"), (None, None)]


def test_a_second_build_parses_only_new_numbers_and_deletes_old_ones(
    standard_phones: ModuleType, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute("insert into person_values values ('phone', '+4930901820', 'DE'), ('phone', 'old', null)")
    build(standard_phones, connection)
    connection.execute("update standard_phones set reason = 'parsed before' where raw_value = '+4930901820'")
    connection.execute("delete from person_values where raw_value = 'old'")
    connection.execute("insert into person_values values ('phone', '+442079460018', 'GB')")
    build(standard_phones, connection)
    rows = connection.execute("select raw_value, reason from standard_phones order by all").fetchall()
    assert rows == [("+442079460018", None), ("+4930901820", "parsed before")]


def test_numbers_parsed_by_another_release_are_parsed_again(
    standard_phones: ModuleType, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute("insert into person_values values ('phone', '+4930901820', 'DE')")
    build(standard_phones, connection)
    connection.execute("update standard_phones set reason = 'parsed before', standardised_with = 'phonenumbers 1'")
    build(standard_phones, connection)
    assert connection.execute("select reason from standard_phones").fetchall() == [(None,)]


def test_the_number_type_comes_from_the_number_plan(standard_phones: ModuleType) -> None:
    rows = standard_phones.standard_rows(
        [("+4930901820", None), ("+447447424591", None), ("+12127365000", None), ("call my wife", "GB")]
    )
    assert [row["number_type"] for row in rows] == ["fixed_line", "mobile", "fixed_line_or_mobile", None]


def test_numbers_of_a_table_with_other_columns_are_parsed_again(
    standard_phones: ModuleType, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute("insert into person_values values ('phone', '+4930901820', 'DE')")
    build(standard_phones, connection)
    connection.execute("alter table standard_phones drop column number_type")
    build(standard_phones, connection)
    assert connection.execute("select number_type from standard_phones").fetchall() == [("fixed_line",)]


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("0660 / 123 45 67", "AT"),
        ("+43 (0)660 1234567", "AT"),
        ("+52 1 55 1234 5678", "MX"),
        ("044 55 1234 5678", "MX"),
        ("692 309 964 201 424", "DE"),
        ("+49 3456", "DE"),
        ("call my wife", "GB"),
    ],
)
def test_a_number_that_a_person_types_has_the_form_of_the_records(standard_phones, written, country):
    standard, _ = standard_phones.standard_phone(written, country)
    assert international_forms(written, [country]) == ({standard} if standard else set())
