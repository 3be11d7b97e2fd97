-- A staging rule takes the older of two versions of an order, or drops the orders of guests: each table agrees with its
-- inputs, and the year's totals are wrong in all of them. So this test counts the deliveries themselves, by kind and
-- currency. Visits, parcels and what an installation adds are not counted.
{{ config(meta={'dagster': {'ref': {'name': 'touchpoints'}}}) }}
{%- set counted = {
    'in_store.enrolment': (
        'in_store_loyalty_members', 'member_id', 'updated_at', 'deleted_at is null and enrolled_at is not null',
        ['deleted_at', 'enrolled_at']
    ),
    'ecommerce.account_creation': ('ecommerce_customers', 'id', 'updated_at', 'created_at is not null', ['created_at']),
    'crm.campaign_member': ('crm_campaign_members', 'Id', 'SystemModstamp', '"IsDeleted" is not true', ['IsDeleted']),
    'support.ticket': (
        'support_tickets', 'id', 'updated_at',
        "lower(trim(status)) is distinct from 'deleted' and coalesce(tags, '') not like '%\"closed_by_merge\"%'",
        ['status', 'tags']
    ),
    'support.survey_response': ('support_survey_responses', 'response_id', 'responded_at', 'true', ['response_id']),
} %}
{%- set kinds = ['ecommerce.order', 'ecommerce.cancellation', 'in_store.transaction'] + counted.keys() | list %}
with

orders as (
    select *
    from ({{ latest_delivered_row(
        'ecommerce_orders', 'id', 'updated_at', ['test', 'currency', 'cancelled_at']
    ) }}) as latest
    where test is not true
),

sales as (
    select latest.*
    from ({{ latest_delivered_row(
        'in_store_transactions', 'transaction_id', 'updated_at', ['status', 'currency']
    ) }}) as latest
    left join {{ ref('order_states') }} as states on lower(trim(latest.status)) = states.source_state
    where states.order_state is distinct from 'test'
),

facts as (
    select
        'ecommerce.order' as kind,
        currency
    from orders
    union all
    select
        'ecommerce.cancellation' as kind,
        currency
    from orders
    where cancelled_at is not null
    union all
    select
        'in_store.transaction' as kind,
        currency
    from sales
    {%- for kind, (stream, key, cursor, condition, columns) in counted.items() %}
        union all
        select
            '{{ kind }}' as kind,
            null as currency
        from ({{ latest_delivered_row(stream, key, cursor, columns) }}) as latest
        where {{ condition }}
    {%- endfor %}
),

delivered as (
    select
        kind,
        nullif(upper(trim(currency)), '') as currency,
        count(*) as fact_count
    from facts
    group by all
),

published as (
    select
        source_system || '.' || source_record_type as kind,
        currency,
        count(*) as fact_count
    from {{ ref('touchpoints') }}
    where
        source_system || '.' || source_record_type in (
            {%- for kind in kinds %}
                '{{ kind }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
    group by all
),

differences as (
    select
        delivered.*,
        published.*
    from delivered
    full join published
        on delivered.kind = published.kind and delivered.currency is not distinct from published.currency
    where delivered.fact_count is distinct from published.fact_count
)

select * from differences
