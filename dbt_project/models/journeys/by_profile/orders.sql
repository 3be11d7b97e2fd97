with

touchpoints as (
    select * from {{ ref('touchpoints') }}
    where amount is not null and (profile_id is null or {{ touched_profiles_only('profile_id') }})
),

money as (
    select
        revenue.order_interaction_id as order_id,
        sum(revenue.amount) filter (where revenue.interaction_id = revenue.order_interaction_id) as order_amount,
        -sum(revenue.amount) filter (
            where revenue.interaction_id <> revenue.order_interaction_id
        ) as refunded_amount,
        count(distinct revenue.currency) = 1 as has_one_currency,
        if(
            bool_and(revenue.reporting_amount is not null), sum(revenue.reporting_amount), null
        ) as net_reporting_amount,
        max(touchpoints.occurred_at) filter (
            where revenue.interaction_id <> revenue.order_interaction_id
        ) as last_refunded_at
    from touchpoints
    inner join {{ ref('interaction_revenue') }} as revenue on touchpoints.touchpoint_id = revenue.interaction_id
    group by revenue.order_interaction_id
),

orders as (
    select
        touchpoints.touchpoint_id as order_id,
        touchpoints.profile_id,
        touchpoints.journey_id,
        touchpoints.occurred_at as ordered_at,
        touchpoints.channel,
        touchpoints.is_order,
        touchpoints.is_renewal,
        money.order_amount::decimal(18, 2) as order_amount,
        if(money.has_one_currency, coalesce(money.refunded_amount, 0), null)::decimal(18, 2) as refunded_amount,
        if(money.has_one_currency, money.order_amount - coalesce(money.refunded_amount, 0), null)::decimal(18, 2)
            as net_amount,
        touchpoints.currency,
        money.last_refunded_at,
        money.net_reporting_amount::decimal(18, 2) as net_reporting_amount,
        '{{ var("reporting_currency") }}' as reporting_currency,
        touchpoints.occurred_on as ordered_on
    from money
    inner join touchpoints on money.order_id = touchpoints.touchpoint_id
)

select * from orders
