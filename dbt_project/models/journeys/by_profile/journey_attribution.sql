{%- set shares = ['weighted.weight', 'weighted.order_id, weighted.rule', 'weighted.channel, weighted.campaign'] -%}
with

orders as (
    select
        *,
        (coalesce(net_reporting_amount, 0) * 100)::bigint as revenue_cents
    from {{ ref('orders') }}
    where is_order and not is_renewal and profile_id is not null and {{ touched_profiles_only('profile_id') }}
),

paths as (
    select * from {{ ref('int_order_paths') }}
    where {{ touched_profiles_only('profile_id') }}
),

credited as (
    select
        order_id,
        channel,
        campaign,
        is_fallback,
        sum((visit_number = 1)::integer)::double as first,
        sum((visit_number = visit_count)::integer)::double as last,
        sum(1 / visit_count) as linear,
        sum(
            case
                when visit_count <= 2 then 1 / visit_count
                when visit_number in (1, visit_count) then {{ var('position_credit') }}
                else (1 - 2 * {{ var('position_credit') }}) / (visit_count - 2)
            end
        ) as position
    from paths
    group by order_id, channel, campaign, is_fallback
),

weighted as (
    unpivot credited on first, last, linear, position into name rule value weight
),

distributed as (
    select
        weighted.*,
        orders.journey_id,
        orders.profile_id,
        orders.ordered_at,
        orders.reporting_currency as currency,
        {{ share_of_units('1000000', *shares) }} as millionths,
        {{ share_of_units('orders.revenue_cents', *shares) }} as cents
    from weighted
    inner join orders on weighted.order_id = orders.order_id
    where weighted.weight > 0
),

attribution as (
    select
        order_id,
        journey_id,
        profile_id,
        ordered_at,
        channel,
        campaign,
        is_fallback,
        rule,
        (millionths / 1000000)::decimal(18, 6) as credit,
        (cents / 100)::decimal(18, 2) as credited_amount,
        currency
    from distributed
)

select * from attribution
