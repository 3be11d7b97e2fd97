with

touchpoints as (
    select * from {{ ref('touchpoints') }}
    where profile_id is not null and {{ touched_profiles_only('profile_id') }}
),

touchpoint_revenue as (
    select
        touchpoints.touchpoint_id,
        touchpoints.profile_id,
        orders.journey_id,
        touchpoints.occurred_at,
        touchpoints.occurred_on,
        touchpoints.is_order,
        revenue.order_interaction_id as order_touchpoint_id,
        revenue.ordered_at,
        revenue.is_renewal,
        revenue.reporting_amount
    from touchpoints
    inner join {{ ref('interaction_revenue') }} as revenue on touchpoints.touchpoint_id = revenue.interaction_id
    -- money belongs to the journey of its order
    left join touchpoints as orders on revenue.order_interaction_id = orders.touchpoint_id
)

select * from touchpoint_revenue
