-- A shop opens in a new country, and its orders are missing from revenue and segments because seed exchange_rates lacks
-- their currency. is_revenue_complete is false for those profiles; this test names the currency.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'journeys'}}}) }}
with

unconvertible as (
    select
        touchpoints.currency,
        count(*) as touchpoint_count
    from {{ ref('touchpoints') }} as touchpoints
    left join {{ ref('interaction_revenue') }} as revenue on touchpoints.touchpoint_id = revenue.interaction_id
    where touchpoints.amount is not null and revenue.reporting_amount is null
    group by touchpoints.currency
)

select * from unconvertible
