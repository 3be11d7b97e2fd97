-- A shop opens in a new country, and its orders are missing from revenue and segments because seed exchange_rates lacks
-- their currency. is_revenue_complete is false for those profiles; this test names the currency.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'journeys'}}}) }}
with

unconvertible as (
    select
        touchpoints.currency,
        count(*) as touchpoint_count
    from {{ ref('touchpoints') }} as touchpoints
    left join {{ ref('exchange_rates') }} as exchange_rates on touchpoints.currency = exchange_rates.currency
    where
        touchpoints.amount is not null
        and touchpoints.currency is distinct from '{{ var("reporting_currency") }}'
        and exchange_rates.currency is null
    group by touchpoints.currency
)

select * from unconvertible
