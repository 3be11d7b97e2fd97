"""After a sync Dagster shows from which columns the columns of most models come, back to what has landed."""

from pathlib import Path

import dagster as dg
import pytest

from cdp_orchestration.dagster.column_schemas import COLUMN_LINEAGE

pytestmark = pytest.mark.slow

Origins = dict[str, set[str]]


@pytest.fixture(scope="module")
def lineages(live_home: Path) -> dict[str, Origins]:
    """The columns (``schema.table.column``) that each column of each built table comes from, by ``schema.table``."""
    with dg.DagsterInstance.from_config(str(live_home / "dagster")) as instance:
        events = {key: instance.get_latest_materialization_event(key) for key in instance.all_asset_keys()}
    built = {key: event.asset_materialization for key, event in events.items() if event and event.asset_materialization}
    shown = {key: each.metadata[COLUMN_LINEAGE].value for key, each in built.items() if COLUMN_LINEAGE in each.metadata}
    return {".".join(key.path): _origins(lineage) for key, lineage in shown.items()}


def _origins(lineage: dg.TableColumnLineage) -> Origins:
    return {
        column: {".".join([*each.asset_key.path, each.column_name]) for each in dependencies}
        for column, dependencies in lineage.deps_by_column.items()
    }


def test_most_columns_say_where_they_come_from(lineages: dict[str, Origins]) -> None:
    assert sum(len(lineage) for lineage in lineages.values()) > 1_000


def test_an_email_is_followed_from_the_profile_to_what_was_delivered(lineages: dict[str, Origins]) -> None:
    assert lineages["profiles.profiles"]["email"] == {"profiles.int_golden_values.email"}
    assert "profiles.profile_attributes.value" in lineages["profiles.int_golden_values"]["email"]
    assert "staging.standard_values.standard_value" in lineages["staging.person_records"]["emails"]
    assert lineages["staging.stg_crm__contacts"]["email"] == {"landing.crm_contacts.Email"}
