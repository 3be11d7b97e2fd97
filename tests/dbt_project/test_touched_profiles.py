"""After any deliveries, tables built by touched profile equal those of a full refresh from the same inputs."""

import shutil
from pathlib import Path

import pytest
from acting_people import ACTS, DELIVERIES, HISTORIES, ORDER_VALUES, PURCHASES, STAGES, deliver, make_home
from built_tables import rows_of_tables

from cdp_orchestration.dbt.runs import build_arguments, run_models
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse

pytestmark = pytest.mark.slow

NOTING = {"landed_contents": {}}  # what tables hold is noted, and those that would come out as before are kept
_NAMES = [name for name in DELIVERIES if name != "a person who leaves"]


@pytest.fixture(scope="module")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_home(tmp_path_factory.mktemp("first") / "home")


@pytest.fixture
def home(first_home: Settings, tmp_path: Path) -> Settings:
    """A copy of the home that was built once, ready for deliveries."""
    return Settings(shutil.copytree(first_home.home, tmp_path / "home"))


def _tables(warehouse: Path) -> dict[str, list[str]]:
    return rows_of_tables(warehouse, ("profiles", "journeys"), without=HISTORIES)


def _full_refresh(settings: Settings) -> dict[str, list[str]]:
    refreshed = Settings(home=settings.home.with_name("refreshed"))
    shutil.rmtree(refreshed.home, ignore_errors=True)
    shutil.copytree(settings.home, refreshed.home)
    run_models(refreshed.home, STAGES, full_refresh=True)
    return _tables(refreshed.warehouse)


@pytest.mark.parametrize(
    "builds",
    [
        pytest.param([_NAMES[:-1], _NAMES[-1:]], id="at once, then time passes"),
        pytest.param([_NAMES[:3], _NAMES[3:7], _NAMES[7:]], id="in three builds", marks=pytest.mark.long),
    ],
)
def test_builds_by_touched_profile_equal_a_full_refresh_after_any_deliveries(
    home: Settings, builds: list[list[str]]
) -> None:
    with open_warehouse(home.warehouse) as connection:
        connection.execute(ACTS, {"first": 900, "last": 950})
        connection.execute(PURCHASES)
        connection.execute(ORDER_VALUES)
    for delivered in builds:
        before = _tables(home.warehouse)
        deliver(home, *delivered)
        run_models(home.home, STAGES, NOTING, full_refresh=False)
        after = _tables(home.warehouse)
        assert after["journeys.touchpoints"] != before["journeys.touchpoints"]
        assert after == _full_refresh(home)


def test_a_full_build_bucket_by_bucket_makes_the_tables_of_one_build(home: Settings) -> None:
    at_once = _full_refresh(home)  # with acts that have no profile, and so are in the answer for each bucket

    run_models(home.home, STAGES, {"profiles_per_bucket": 8}, full_refresh=True)

    assert len(set(at_once["profiles.profile_attributes"])) > 8
    assert _tables(home.warehouse) == at_once


def test_a_table_that_was_built_bucket_by_bucket_is_in_the_order_of_the_profiles(home: Settings) -> None:
    run_models(home.home, STAGES, {"profiles_per_bucket": 5}, full_refresh=True)
    with open_warehouse(home.warehouse) as connection:
        buckets = connection.execute(
            "with numbered as (select profile_id, ntile(6) over (order by profile_id) as bucket "
            "from profiles.int_profile_inputs) "
            "select list(bucket order by attributes.rowid) from profiles.profile_attributes as attributes "
            "join numbered using (profile_id)"
        ).fetchall()[0][0]
    assert set(buckets) == {1, 2, 3, 4, 5, 6}
    assert buckets == sorted(buckets)


def test_tables_that_a_run_did_not_reach_are_caught_up_even_if_their_inputs_changed_again(home: Settings) -> None:
    deliver(home, "changed rows", "a merge")
    reached = ["int_profile_inputs", "int_attribute_offers", "int_journey_members", "touchpoints"]
    run_models(home.home, reached, full_refresh=False)
    with open_warehouse(home.warehouse) as connection:
        connection.execute("update staging.interactions set amount = amount - 1 where hash(interaction_id) % 40 = 1")
        connection.execute(ORDER_VALUES)
    run_models(home.home, STAGES, full_refresh=False)
    assert _tables(home.warehouse) == _full_refresh(home)


def test_a_profile_that_changes_after_the_one_that_changed_last_was_erased_is_renewed(home: Settings) -> None:
    deliver(home, "a person who leaves")
    run_models(home.home, STAGES, full_refresh=False)
    assert _last_touched(home) == ["p3"]
    with open_warehouse(home.warehouse) as connection:
        connection.execute("delete from profiles.int_profile_inputs where profile_id = 'p3'")
    deliver(home, "changed rows")

    run_models(home.home, STAGES, full_refresh=False)

    assert _tables(home.warehouse) == _full_refresh(home)


def test_what_a_table_by_profile_holds_has_another_name_only_once_a_profile_was_touched(home: Settings) -> None:
    run_models(home.home, STAGES, NOTING, full_refresh=False)
    first = _content(home, "journeys.touchpoints")
    run_models(home.home, STAGES, NOTING, full_refresh=False)
    assert _content(home, "journeys.touchpoints") == first
    deliver(home, "changed rows")
    run_models(home.home, STAGES, NOTING, full_refresh=False)
    assert _content(home, "journeys.touchpoints") != first


def test_a_row_without_a_profile_also_changes_the_name_of_what_a_table_holds(home: Settings) -> None:
    run_models(home.home, STAGES, NOTING, full_refresh=False)
    first = _content(home, "journeys.touchpoints")
    with open_warehouse(home.warehouse) as connection:
        connection.execute("update staging.interactions set topic = 'x' where person_record_id is null")
    run_models(home.home, STAGES, NOTING, full_refresh=False)
    assert _last_touched(home) == []
    assert _content(home, "journeys.touchpoints") != first


def _content(settings: Settings, table: str) -> str:
    with open_warehouse(settings.warehouse) as connection:
        query = "select content from operations.table_contents where table_name = ?"
        return str(connection.execute(query, [table]).fetchall()[0][0])


def test_a_build_with_nothing_new_touches_no_profile_and_one_change_touches_one(home: Settings) -> None:
    run_models(home.home, ["int_profile_inputs"], full_refresh=False)
    assert _last_touched(home) == []
    deliver(home, "a person who moved")
    run_models(home.home, ["int_profile_inputs"], full_refresh=False)
    assert _last_touched(home) == ["p3"]


def test_a_restriction_and_its_end_touch_the_profile_and_its_moods(home: Settings) -> None:
    deliver(home, "a restriction", "a restriction that is lifted")
    run_models(home.home, STAGES, full_refresh=False)
    assert _last_touched(home) == ["p10", "p25"]
    with open_warehouse(home.warehouse) as connection:
        moods = connection.execute(
            "select profile_id, count(sentiment_score) > 0, count(text_language) > 0 from journeys.touchpoints "
            "where profile_id in ('p10', 'p25') group by profile_id order by profile_id"
        ).fetchall()
    assert moods == [("p10", False, False), ("p25", True, True)]


def _last_touched(settings: Settings) -> list[str]:
    """Return the profiles that changed after the first build."""
    with open_warehouse(settings.warehouse) as connection:
        rows = connection.execute(
            "select profile_id from profiles.int_profile_inputs where changed_in > 1 order by profile_id"
        ).fetchall()
    return [row[0] for row in rows]


def test_a_full_refresh_passes_the_code_version_to_dbt() -> None:
    nodes = [{"fqn": ["customer_data_platform", "profiles", "profiles"]}]
    arguments = build_arguments(nodes, Path("target"), "c0de", full_refresh=True)
    assert "--full-refresh" in arguments
    assert arguments[arguments.index("--vars") + 1] == (
        '{"code_version": "c0de", "landed_contents": null, "tested_contents": null}'
    )
    assert arguments[-2:] == ["--select", "fqn:customer_data_platform.profiles.profiles"]
    assert "--full-refresh" not in build_arguments(nodes, Path("target"), "c0de", full_refresh=False)
