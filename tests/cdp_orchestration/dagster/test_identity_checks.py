"""The checks of the identity stage warn when people have something to look at, and never stop a run."""

from pathlib import Path

import dagster as dg
import pytest

from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.dagster.identity_checks import (
    incremental_matches_full_check,
    reviewed_links_check,
    waiting_candidate_check,
)
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.identity_stage.csv_rows import write_rows
from cdp_orchestration.identity_stage.labels import LABEL_COLUMNS
from cdp_orchestration.identity_stage.models import Comparison, park
from cdp_orchestration.identity_stage.resolving import update_identity
from cdp_orchestration.identity_stage.tables import create_identity_tables
from identity import TrainedModel
from identity.model.trained_model import default_parameters


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    return Settings.from_environment()


def test_a_candidate_model_that_waits_is_a_warning(settings: Settings) -> None:
    check = waiting_candidate_check()
    assert _result(check).passed
    found = Comparison("new", "old", 100, 60, 50, 10, 0, 20, 2)
    park(settings, TrainedModel(1e-4, 0.5, default_parameters(), {}), found)
    result = _result(check)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert result.metadata["moved_record_count"].value == 20


def test_labels_that_confirm_the_model_pass_and_others_warn(settings: Settings) -> None:
    with open_warehouse(settings.warehouse) as connection:
        create_identity_tables(connection)
    check = reviewed_links_check()
    assert _result(check).passed
    about = {"match_weight": "9.0", "model_version": "m", "decided_by": "ada", "decided_at": "2026-01-01T00:00:00Z"}
    ends = ({"person_record_id_left": f"a{n}", "person_record_id_right": f"b{n}"} for n in range(9))
    write_rows(settings.identity_labels, LABEL_COLUMNS, ({**pair, **about, "answer": "different"} for pair in ends))
    result = _result(check)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert result.metadata["is_overconfident"].value is True


@pytest.mark.slow
def test_stored_profiles_that_differ_from_a_full_resolution_are_a_warning(settings: Settings) -> None:
    check = incremental_matches_full_check()
    assert _result(check).passed
    with open_warehouse(settings.warehouse) as connection:
        create_identity_tables(connection)
        connection.execute(_PERSON_RECORDS_SQL)
        update_identity(connection, settings, "a run")
    result = _result(check)
    assert result.passed
    assert result.metadata["records"].value == 40
    with open_warehouse(settings.warehouse) as connection:
        connection.execute("update identity.profile_assignments set profile_id = 'one of all'")
        connection.execute("delete from identity.resolution_blocks where rule = 'same_email'")
    result = _result(check)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert result.metadata["moved_records"].value == 40
    assert result.metadata["differing_rows"].value["blocks"] == 20


# Twenty people, each with two records that are exact duplicates and stand in the blocks once
_PERSON_RECORDS_SQL = """
create table staging.person_records as
select
    'crm:contact:' || n as person_record_id,
    cast(null as varchar) as full_name,
    ['Ada', 'Bo', 'Cleo', 'Dov', 'Eva'][n // 2 % 5 + 1] as given_name,
    cast(null as varchar) as middle_name,
    'Name' || chr(65 + cast(n // 2 as integer)) as family_name,
    date '1960-01-01' + cast(n // 2 * 411 as integer) as date_of_birth,
    ['person' || n // 2 || '@example.com'] as emails,
    cast([] as varchar[]) as phones,
    cast(null as varchar) as address_line,
    cast(null as varchar) as city,
    cast(null as varchar) as region,
    cast(null as varchar) as postcode,
    cast(null as varchar) as country_code,
    cast([] as varchar[]) as loyalty_numbers,
    cast([] as varchar[]) as shop_customer_ids,
    cast([] as varchar[]) as card_fingerprints,
    cast([] as varchar[]) as other_identifiers
from range(40) as numbers(n)
"""


def _result(check: dg.AssetChecksDefinition) -> dg.AssetCheckResult:
    found = check(home=Home())
    assert isinstance(found, dg.AssetCheckResult)
    return found
