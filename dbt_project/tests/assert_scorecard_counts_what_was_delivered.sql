-- The scorecard reports that one order in ten is returned, while the warehouse staff receive one in five: a rate looks
-- plausible even when observations are missing. The counts of the scorecard must equal those of the deliveries.
{{ config(group='journeys', meta={'dagster': {'ref': {'name': 'cx_scorecard'}}}) }}
with

orders as (
    select *
    from ({{ latest_delivered_row('ecommerce_orders', 'id', 'updated_at', ['test', 'cancelled_at']) }}) as latest
    where test is not true
),

sales as (
    select latest.*
    from ({{ latest_delivered_row(
        'in_store_transactions', 'transaction_id', 'updated_at', ['status', 'total_amount', 'is_return']
    ) }}) as latest
    left join {{ ref('order_states') }} as states on lower(trim(latest.status)) = states.source_state
    where states.source_state is null and latest.total_amount is not null
),

facts as (
    select
        'supply_chain cancellation_rate' as measure,
        cancelled_at is not null as worth
    from orders
    union all
    select
        'in_store return_rate' as measure,
        coalesce(is_return, total_amount < 0) as worth
    from sales
),

delivered as (
    select
        measure,
        count(*) as fact_count,
        coalesce(sum(worth::integer), 0) as worth_sum
    from facts
    group by measure
),

counted as (
    select
        concat(function, ' ', metric) as measure,
        sum(sample_size) as fact_count,
        sum(worth_sum) as worth_sum
    from {{ ref('int_cx_observations') }}
    where (function, metric) in (
        ('supply_chain', 'cancellation_rate'), ('in_store', 'return_rate')
    )
    group by measure
),

differences as (
    select
        delivered.*,
        counted.*
    from delivered
    full join counted on delivered.measure = counted.measure
    where
        delivered.fact_count is distinct from counted.fact_count
        or delivered.worth_sum is distinct from counted.worth_sum
)

select * from differences
