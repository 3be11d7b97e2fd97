-- Rounded credits lose a cent in each of ten thousand journeys, and finance finds that the channels add up to less than
-- the revenue. Each rule must credit each converted journey exactly once, to the cent.
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
