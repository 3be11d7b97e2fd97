-- The board hears that one order in ten comes back, and the warehouse says one in five: a rate whose observations are
-- not those that happened convinces whoever wants to be convinced. Its counts are those of the deliveries themselves.
{{ config(group='journeys', meta={'dagster': {'ref': {'name': 'cx_scorecard'}}}) }}
with

orders as (
    {{ last_told('ecommerce_orders', 'id', 'updated_at') }}
),

sales as (
    {{ last_told('in_store_transactions', 'transaction_id', 'updated_at') }}
),

answers as (
    {{ last_told('support_survey_responses', 'response_id', 'responded_at') }}
),

facts as (
    select
        'product return_rate' as measure,
        json_array_length(refunds) > 0 as worth
    from orders
    union all
    select
        'supply_chain cancellation_rate' as measure,
        cancelled_at is not null as worth
    from orders
    union all
    select
        'in_store return_rate' as measure,
        coalesce(is_return, total_amount < 0) as worth
    from sales
    union all
    select
        concat('support ', lower(trim(survey))) as measure,
        score as worth
    from answers
    where lower(trim(survey)) in ('csat', 'ces') and score is not null
),

delivered as (
    select
        measure,
        count(*) as fact_count,
        coalesce(sum(worth::integer), 0) as worth_sum
    from facts
    group by measure
),

told as (
    select
        concat(function, ' ', metric) as measure,
        sum(sample_size) as fact_count,
        sum(worth_sum) as worth_sum
    from {{ ref('int_cx_observations') }}
    where (function, metric) in (
        ('product', 'return_rate'), ('supply_chain', 'cancellation_rate'), ('in_store', 'return_rate'),
        ('support', 'csat'), ('support', 'ces')
    )
    group by measure
),

differences as (
    select
        delivered.*,
        told.*
    from delivered
    full join told on delivered.measure = told.measure
    where
        delivered.fact_count is distinct from told.fact_count
        or delivered.worth_sum is distinct from told.worth_sum
)

select * from differences
