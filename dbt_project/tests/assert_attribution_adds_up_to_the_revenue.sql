-- Rounded credits lose a cent in each of ten thousand orders, and finance finds that the channels add up to less than
-- the revenue. Each rule must credit each order exactly once, to the cent, refunds taken off.
{{ config(meta={'dagster': {'ref': {'name': 'journey_attribution'}}}) }}
with

attributed as (
    select
        order_id,
        rule,
        sum(credit) as credit,
        sum(credited_amount) as credited_amount
    from {{ ref('journey_attribution') }}
    group by order_id, rule
),

expected as (
    select
        order_id,
        coalesce(net_reporting_amount, 0) as net_reporting_amount,
        unnest(['first', 'last', 'linear', 'position']) as rule
    from {{ ref('orders') }}
    where is_order and not is_renewal and profile_id is not null
),

differences as (
    select
        expected.*,
        attributed.credit,
        attributed.credited_amount
    from expected
    full join attributed on expected.order_id = attributed.order_id and expected.rule = attributed.rule
    where
        attributed.credit is distinct from 1
        or attributed.credited_amount is distinct from expected.net_reporting_amount
)

select * from differences
