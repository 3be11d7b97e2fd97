-- A marketing budget that is shared out by rounded credits: ten thousand journeys lose a cent each, and finance asks
-- where the money of each channel went. Each rule gives away each journey once, to the cent.
{{ config(meta={'dagster': {'ref': {'name': 'journey_attribution'}}}) }}
with

attributed as (
    select
        journey_id,
        rule,
        sum(credit) as credit,
        sum(credited_amount) as credited_amount
    from {{ ref('journey_attribution') }}
    group by journey_id, rule
),

expected as (
    select
        journey_id,
        revenue_amount,
        unnest(['first', 'last', 'linear', 'position']) as rule
    from {{ ref('journeys') }}
    where is_converted
),

differences as (
    select
        expected.*,
        attributed.credit,
        attributed.credited_amount
    from expected
    full join attributed on expected.journey_id = attributed.journey_id and expected.rule = attributed.rule
    where
        attributed.credit is distinct from 1
        or attributed.credited_amount is distinct from expected.revenue_amount
)

select * from differences
