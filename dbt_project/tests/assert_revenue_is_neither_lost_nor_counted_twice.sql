-- An order of a record with two profile assignments is doubled by the join, and the year's revenue is wrong by that
-- order: each profile looks plausible, only the totals show it.
{{ config(meta={'dagster': {'ref': {'name': 'touchpoints'}}}) }}
with

published as (
    select
        currency,
        sum(amount) as published_amount
    from {{ ref('touchpoints') }}
    group by currency
),

delivered as (
    select
        currency,
        sum(amount) as delivered_amount
    from {{ ref('interactions') }}
    group by currency
),

differences as (
    select
        delivered.currency,
        delivered.delivered_amount,
        published.published_amount
    from delivered
    full join published on delivered.currency is not distinct from published.currency
    where delivered.delivered_amount is distinct from published.published_amount
)

select * from differences
