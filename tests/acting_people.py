"""Sixty records of thirty people and what they did, as rows of staging and identity, and what is delivered later."""

from collections.abc import Sequence
from pathlib import Path

from cdp_orchestration.dbt.runs import run_models
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.identity_stage.tables import create_identity_tables
from cdp_orchestration.landing import create_landing_views

STAGES = ("interaction_revenue", "path:models/profiles", "path:models/journeys")
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
DELIVERIES["a person who leaves"] = (
    "delete from staging.person_records where person_record_id in ('crm:contact:6', 'crm:contact:7'); "
    "delete from identity.profile_assignments where profile_id = 'p3'; "
    "update staging.interactions set person_record_id = null "
    "where person_record_id in ('crm:contact:6', 'crm:contact:7')"
)


def make_home(home: Path, stages: Sequence[str] = STAGES) -> Settings:
    """Make a home with the people and their first acts, in which these stages are built."""
    settings = Settings(home=home)
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
    if stages:
        run_models(settings.home, stages, full_refresh=False)
    return settings


def deliver(settings: Settings, *names: str) -> None:
    """Change what staging and identity hold as these deliveries do, in their order."""
    with open_warehouse(settings.warehouse) as connection:
        for name in names:
            connection.execute(DELIVERIES[name])
        connection.execute(ORDER_VALUES)
