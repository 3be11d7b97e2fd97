"""The figures of the tables that stages build."""

from datetime import datetime

import duckdb
import pytest

from cdp_orchestration.figures.bounds import Accepted, compared
from cdp_orchestration.figures.stage_figures import MEASURED_TABLES, table_figures


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    """Return a warehouse with two person records, three interactions and two profiles after a second run."""
    connection = duckdb.connect()
    connection.execute(
        """
        create schema staging;
        create schema identity;
        create table staging.person_records as
        select 'crm' as source_system, 'contact' as source_record_type, name as full_name, null::varchar as given_name,
            null::varchar as family_name, emails, []::varchar[] as phones, null::date as date_of_birth,
            null as postcode, 'FR' as country_code, []::varchar[] as loyalty_numbers,
            []::varchar[] as shop_customer_ids,
            []::varchar[] as card_fingerprints, []::varchar[] as other_identifiers
        from (values ('Ada', ['ada@example.fr']), ('Bob', [])) as people (name, emails);
        create table staging.interactions as
        select 'shop' as source_system, 'order' as source_record_type, person_record_id, amount, 'EUR' as currency,
            'web' as channel, null as topic, null as campaign, null::int as survey_score, text_language
        from (values ('a', 10.0, 'fr'), ('b', 30.0, 'fr'), (null, 0.0, 'de')) as orders
            (person_record_id, amount, text_language);
        create table identity.profile_assignments as
        select * from (values ('a', 'p1'), ('b', 'p1'), ('c', 'p2')) as records (person_record_id, profile_id);
        create table identity.profile_events as
        select * from (values ('p1', 'created', 'r1', timestamp '2026-01-01'), ('p3', 'merged', 'r2', '2026-01-02'))
            as events (profile_id, event_type, run_id, occurred_at);
        """
    )
    return connection


def _values(connection: duckdb.DuckDBPyConnection, subject: str) -> dict[tuple[str, str], float]:
    return {(each.name, each.of): each.value for each in table_figures(connection, subject, {})}


def test_person_records_are_counted_by_source_and_what_they_have(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = _values(warehouse, "staging.person_records")
    assert found["records", "crm contact"] == 2
    assert found["filled", "crm contact, e-mail"] == 0.5


def test_amounts_languages_and_persons_of_interactions_are_measured(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = _values(warehouse, "staging.interactions")
    assert found["average", "shop order, EUR"] == 20.0
    assert found["filled", "shop order, texts in fr"] == pytest.approx(2 / 3)
    assert found["filled", "shop order, person"] == pytest.approx(2 / 3)


def test_profiles_and_what_the_last_run_did_to_them_are_measured(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = _values(warehouse, "identity.profile_assignments")
    assert found["records", "profiles"] == 2
    assert found["average", "records of a profile"] == 1.5
    assert found["merged", "profiles"] == 0.5
    assert found["split", "profiles"] == 0.0


def test_the_last_accepted_value_is_the_usual_one(warehouse: duckdb.DuckDBPyConnection) -> None:
    history = {("records", "crm contact"): [Accepted(None, 5.0), Accepted(None, 4.0)]}  # type: ignore[arg-type]
    (records,) = [
        each for each in table_figures(warehouse, "staging.person_records", history) if each.name == "records"
    ]
    assert records.usual == 4.0


def test_a_group_that_is_gone_has_lost_all_its_rows(warehouse: duckdb.DuckDBPyConnection) -> None:
    history = {("records", "shop customer"): [Accepted(None, 500.0)]}  # type: ignore[arg-type]
    (gone,) = [
        each for each in table_figures(warehouse, "staging.person_records", history) if each.of == "shop customer"
    ]
    assert (gone.value, gone.usual, gone.rows) == (0, 500.0, 500)
    assert not compared(gone, [], datetime(2026, 11, 2)).is_credible  # noqa: DTZ001 - UTC without a zone


def test_a_table_that_is_not_measured_has_no_figures(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert table_figures(warehouse, "journeys.journeys", {}) == []
    assert len(MEASURED_TABLES) == 3
