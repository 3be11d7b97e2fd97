-- A staging rule takes the older of two versions of an order, or drops the orders of guests: each table agrees with its
-- inputs, and the year's totals are wrong in all of them. So this test counts and sums the deliveries themselves, by
-- kind and currency. Visits, parcels and what an installation adds are not counted.
{{ config(meta={'dagster': {'ref': {'name': 'touchpoints'}}}) }}
{%- set counted = {
    'enrolment': ('in_store_loyalty_members', 'member_id', 'updated_at', 'deleted_at is null and enrolled_at is not null'),
    'account_creation': ('ecommerce_customers', 'id', 'updated_at', 'created_at is not null'),
    'campaign_member': ('crm_campaign_members', 'Id', 'SystemModstamp', 'true'),
    'ticket': (
        'support_tickets', 'id', 'updated_at',
        "lower(status) is distinct from 'deleted' and coalesce(tags, '') not like '%\"closed_by_merge\"%'"
    ),
    'survey_response': ('support_survey_responses', 'response_id', 'responded_at', 'true'),
} %}
{%- set kinds = ['order', 'refund', 'cancellation', 'transaction'] + counted.keys() | list %}
with

orders as (
    {{ latest_delivered_row('ecommerce_orders', 'id', 'updated_at') }}
),

sales as (
    {{ latest_delivered_row('in_store_transactions', 'transaction_id', 'updated_at') }}
),

refunds as (
    select
        orders.id,
        orders.currency,
        list_sum(
            json_extract_string(refund.document, '$.transactions[*].amount')::decimal(18, 2)[]
        ) as amount
    from orders
    cross join unnest(json_extract(orders.refunds, '$[*]')) as refund (document)
),

paid_back as (
    select
        id,
        sum(amount) as amount
    from refunds
    group by id
),

facts as (
    select
        'order' as kind,
        currency,
        total_price as amount
    from orders
    union all
    select
        'refund' as kind,
        currency,
        -coalesce(amount, 0) as amount
    from refunds
    union all
    select
        'cancellation' as kind,
        orders.currency,
        -greatest(orders.total_price - coalesce(paid_back.amount, 0), 0) as amount
    from orders
    left join paid_back on orders.id = paid_back.id
    where orders.cancelled_at is not null
    union all
    select
        'transaction' as kind,
        currency,
        if(coalesce(is_return, total_amount < 0), -abs(total_amount), total_amount) as amount
    from sales
    {%- for kind, (stream, key, cursor, condition) in counted.items() %}
        union all
        select
            '{{ kind }}' as kind,
            null as currency,
            null as amount
        from ({{ latest_delivered_row(stream, key, cursor) }}) as latest
        where {{ condition }}
    {%- endfor %}
),

delivered as (
    select
        kind,
        nullif(upper(trim(currency)), '') as currency,
        count(*) as fact_count,
        sum(amount::decimal(18, 2)) as amount
    from facts
    group by all
),

published as (
    select
        source_record_type as kind,
        currency,
        count(*) as fact_count,
        sum(amount) as amount
    from {{ ref('touchpoints') }}
    where source_record_type in ('{{ kinds | join("', '") }}')
    group by all
),

differences as (
    select
        delivered.*,
        published.*
    from delivered
    full join published
        on delivered.kind = published.kind and delivered.currency is not distinct from published.currency
    where
        delivered.fact_count is distinct from published.fact_count
        or delivered.amount is distinct from published.amount
)

select * from differences
