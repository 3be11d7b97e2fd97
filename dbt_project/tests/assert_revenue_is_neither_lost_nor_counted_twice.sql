-- An order that names a record with two assignments doubles in the join, and the year's revenue is wrong by
-- just that order: every profile looks plausible, only the totals can tell.
{{ config(meta={'dagster': {'ref': {'name': 'touchpoints'}}}) }}
with

told as (
    select
        currency,
        sum(amount) as told_amount
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
        told.told_amount
    from delivered
    full join told on delivered.currency is not distinct from told.currency
    where delivered.delivered_amount is distinct from told.told_amount
)

select * from differences
