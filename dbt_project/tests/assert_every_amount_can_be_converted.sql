-- A shop opens in a new country and its orders weigh nothing in revenue and segments, because nobody gave the
-- currency a rate. They are out of the sums and is_revenue_complete says so; this names the currency.
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
