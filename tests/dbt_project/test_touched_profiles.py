"""After any deliveries, tables built by touched profile equal those of a full refresh from the same inputs."""

import shutil
from pathlib import Path

import pytest
from built_tables import rows_of_tables

from cdp_orchestration.dbt.runs import build_arguments, run_models
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.identity_stage.tables import create_identity_tables
from cdp_orchestration.landing import create_landing_views

pytestmark = pytest.mark.slow

STAGES = ("interaction_revenue", "path:models/profiles", "path:models/journeys")
NOTING = {"landed_contents": {}}  # what tables hold is noted, and those that would come out as before are kept
# Their rows depend on the builds themselves.
HISTORIES = {"profile_history", "profile_record_history", "audiences", "int_profile_inputs"}

PEOPLE = """
    insert into staging.person_records by name
    select
        'crm:contact:' || n as person_record_id, 'crm' as source_system, 'contact' as source_record_type,
        n::varchar as source_record_id, 'Ann ' || n as full_name, 'Ann' as given_name, n::varchar as family_name,
        ['p' || n // 2 || '@example.org'] as emails, []::varchar[] as phones, 'CH' as country_code,
        [] as loyalty_numbers, [] as shop_customer_ids, [] as card_fingerprints,
        [] as other_identifiers, timestamp '2026-01-01' as updated_at
    from range(60) as numbers (n);
    insert into identity.profile_assignments by name
    select
        * exclude (n), 'p' || n // 2 as profile_id, profile_id as profile_id_first,
        'scored' as link_reason, 0.9 as match_probability, now() as linked_at
    from (
        select
            'crm:contact:' || n as person_record_id, 'crm' as source_system, 'contact' as source_record_type,
            n::varchar as source_record_id, n
        from range(60) as numbers (n)
    );
"""
ACTS = """
    insert into staging.interactions by name
    with acts as (
        select
            n, hash(n) as luck, 'ecommerce:order:' || n as interaction_id, luck % 4 = 0 as is_order
        from range($first, $last) as numbers (n)
    )
    select
        interaction_id, 'ecommerce' as source_system, if(is_order, 'order', 'event') as source_record_type,
        n::varchar as source_record_id,
        if(luck % 11 = 0, null, 'crm:contact:' || luck % 60) as person_record_id,
        timestamp '2026-01-01' + to_days((luck % 200)::integer) + to_minutes(n) as occurred_at,
        occurred_at::date as occurred_on, 'e' as source_event,
        if(is_order, 'order', 'page_view') as touchpoint_type, if(luck % 3 = 0, 'store', 'web') as channel,
        if(is_order, 'purchase', 'research') as stage,
        -- every third visit is a message of the company, which asks nothing of the customer
        if(is_order or luck % 3 > 0, 1, 0) as effort_weight, not is_order as is_creditable,
        if(is_order, luck % 5000 / 100, null)::decimal(18, 2) as amount,
        if(is_order, if(luck % 5 = 0, 'GBP', 'EUR'), null) as currency,
        if(is_order, interaction_id, null) as order_interaction_id, false as is_renewal,
        if(is_order, null, luck % 100 / 100) as sentiment_score, if(is_order, null, 'en') as text_language
    from acts
"""
ORDER_VALUES = """
    delete from staging.order_values;
    insert into staging.order_values by name
    select
        interaction_id, 'counted' as order_state, false as is_renewal, occurred_at as ordered_at,
        occurred_on as ordered_on, currency,
        amount as delivered_amount, amount as order_amount, 0 as gift_card_amount
    from staging.interactions where amount is not null;
    delete from staging.newest_receipts;
    insert into staging.newest_receipts (stream, source_system, received_at, loaded_at)
    select 'ecommerce_orders', 'ecommerce', max(occurred_at), max(occurred_at) from staging.interactions
"""
PURCHASES = """
    insert into staging.purchase_items by name
    select
        interaction_id || ':1' as purchase_item_id, interaction_id, 'sku ' || hash(interaction_id) % 5 as sku,
        'category ' || hash(interaction_id) % 3 as category, 1 as quantity, currency
    from staging.interactions
    where touchpoint_type = 'order' and interaction_id not in (select interaction_id from staging.purchase_items)
"""
RESTRICTED = "insert into operations.restricted_records values ('crm:contact:50', timestamp '2026-03-01')"
# Applied in this order.
DELIVERIES = {
    "changed rows": "update staging.interactions set amount = amount + 1 where hash(interaction_id) % 40 = 1",
    "late rows": "update staging.interactions "
    "set occurred_at = occurred_at - interval '45 days', occurred_on = occurred_on - 45 "
    "where hash(interaction_id) % 40 = 2",
    "deleted rows": "delete from staging.interactions where hash(interaction_id) % 40 = 3",
    "a person who moved": "update staging.person_records set city = 'Bern' where person_record_id = 'crm:contact:7'",
    "an e-mail that others have": "update staging.person_records set emails = ['p9@example.org', 'p10@example.org'] "
    "where person_record_id = 'crm:contact:40'",
    "another product": "update staging.purchase_items set sku = 'sku 9', category = 'other' "
    "where hash(interaction_id) % 40 = 4",
    "a merge": "update identity.profile_assignments set profile_id = 'p4' where profile_id = 'p5'",
    "a split": "update identity.profile_assignments set profile_id = 'new' where person_record_id = 'crm:contact:18'",
    "a shared e-mail": "insert into identity.shared_identifiers values ('email', 'p12@example.org', 9, 9, 'names')",
    "a person who was forgotten": "update staging.interactions set person_record_id = null "
    "where person_record_id = 'crm:contact:30'",
    "a refusal at the address of another profile": "insert into staging.consent_statements by name "
    "select 'crm:contact:gone' as person_record_id, 'f' as source_field, 'email' as channel, 'marketing' as purpose, "
    "'refused' as state, 'opt_out' as evidence, false as lifts_refusal, timestamp '2026-02-01' as stated_at, "
    "1 as statement_number; insert into staging.consent_addresses by name "
    "select 'crm:contact:gone' as person_record_id, 'f' as source_field, 1 as statement_number, "
    "'email' as identifier_type, 'p15@example.org' as identifier_value",
    "a restriction": "insert into operations.restricted_records values ('crm:contact:20', timestamp '2026-03-01')",
    "a restriction that is lifted": "delete from operations.restricted_records "
    "where person_record_id = 'crm:contact:50'",
    "ten days without a visit": "insert into staging.interactions by name select 'x' as interaction_id, "
    "* exclude (interaction_id) replace (null as person_record_id, occurred_at + interval '10 days' as occurred_at, "
    "occurred_on + 10 as occurred_on) "
    "from staging.interactions order by occurred_at desc limit 1",
}
_NAMES = list(DELIVERIES)
DELIVERIES["a person who leaves"] = (
    "delete from staging.person_records where person_record_id in ('crm:contact:6', 'crm:contact:7'); "
    "delete from identity.profile_assignments where profile_id = 'p3'; "
    "update staging.interactions set person_record_id = null "
    "where person_record_id in ('crm:contact:6', 'crm:contact:7')"
)


@pytest.fixture(scope="module")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("first") / "home")
    with open_warehouse(settings.warehouse) as connection:
        create_landing_views(connection, settings)
        create_identity_tables(connection)
    run_models(settings.home, ["path:seeds", "path:models/staging"], full_refresh=True)
    with open_warehouse(settings.warehouse) as connection:
        connection.execute(PEOPLE)
        connection.execute(ACTS, {"first": 0, "last": 900})
        connection.execute(PURCHASES)
        connection.execute(ORDER_VALUES)
        connection.execute(RESTRICTED)
    run_models(settings.home, STAGES, full_refresh=False)
    return settings


@pytest.fixture
def home(first_home: Settings, tmp_path: Path) -> Settings:
    """A copy of the home that was built once, ready for deliveries."""
    return Settings(shutil.copytree(first_home.home, tmp_path / "home"))


def _deliver(settings: Settings, *names: str) -> None:
    with open_warehouse(settings.warehouse) as connection:
        for name in names:
            connection.execute(DELIVERIES[name])
        connection.execute(ORDER_VALUES)


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
        _deliver(home, *delivered)
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
    _deliver(home, "changed rows", "a merge")
    reached = ["int_profile_inputs", "int_attribute_offers", "int_journey_members", "touchpoints"]
    run_models(home.home, reached, full_refresh=False)
    with open_warehouse(home.warehouse) as connection:
        connection.execute("update staging.interactions set amount = amount - 1 where hash(interaction_id) % 40 = 1")
        connection.execute(ORDER_VALUES)
    run_models(home.home, STAGES, full_refresh=False)
    assert _tables(home.warehouse) == _full_refresh(home)


def test_a_profile_that_changes_after_the_one_that_changed_last_was_erased_is_renewed(home: Settings) -> None:
    _deliver(home, "a person who leaves")
    run_models(home.home, STAGES, full_refresh=False)
    assert _last_touched(home) == ["p3"]
    with open_warehouse(home.warehouse) as connection:
        connection.execute("delete from profiles.int_profile_inputs where profile_id = 'p3'")
    _deliver(home, "changed rows")

    run_models(home.home, STAGES, full_refresh=False)

    assert _tables(home.warehouse) == _full_refresh(home)


def test_what_a_table_by_profile_holds_has_another_name_only_once_a_profile_was_touched(home: Settings) -> None:
    run_models(home.home, STAGES, NOTING, full_refresh=False)
    first = _content(home, "journeys.touchpoints")
    run_models(home.home, STAGES, NOTING, full_refresh=False)
    assert _content(home, "journeys.touchpoints") == first
    _deliver(home, "changed rows")
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
    _deliver(home, "a person who moved")
    run_models(home.home, ["int_profile_inputs"], full_refresh=False)
    assert _last_touched(home) == ["p3"]


def test_a_restriction_and_its_end_touch_the_profile_and_its_moods(home: Settings) -> None:
    _deliver(home, "a restriction", "a restriction that is lifted")
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
