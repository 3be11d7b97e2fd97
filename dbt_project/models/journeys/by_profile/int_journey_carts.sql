with

touchpoints as (
    select * from {{ ref('touchpoints') }}
    where journey_id is not null and {{ touched_profiles_only('profile_id') }}
),

-- The web's own word of an order counts where the shop has not delivered the order.
orders as (
    select
        journey_id,
        max(occurred_at) as last_order_at
    from touchpoints
    where (is_order and not coalesce(is_renewal, false)) or touchpoint_type = 'order_event'
    group by journey_id
),

acts as (
    select
        touchpoints.journey_id,
        touchpoints.profile_id,
        touchpoints.occurred_at,
        touchpoints.touchpoint_type,
        touchpoints.stage in ('purchase', 'repurchase') as is_checkout
    from touchpoints
    left join orders on touchpoints.journey_id = orders.journey_id
    where
        not touchpoints.is_order
        and (
            touchpoints.touchpoint_type in ('product_added', 'product_removed', 'cart_view')
            or (touchpoints.stage in ('purchase', 'repurchase') and touchpoints.effort_weight > 0)
        )
        -- the confirmation page of an order belongs to that order
        and coalesce(
            touchpoints.occurred_at
            > orders.last_order_at + interval '{{ var("session_gap_minutes") }} minutes',
            true
        )
),

sums as (
    select
        journey_id,
        any_value(profile_id) as profile_id,
        bool_or(is_checkout) as has_reached_checkout,
        bool_or(touchpoint_type = 'cart_view') as has_viewed_cart,
        count(*) filter (where touchpoint_type = 'product_added') as added_count,
        count(*) filter (where touchpoint_type = 'product_removed') as removed_count,
        max(occurred_at) as abandoned_at
    from acts
    group by journey_id
),

-- A cart that was emptied is not left behind.
carts as (
    select
        journey_id,
        profile_id,
        if(has_reached_checkout, 'checkout', 'cart') as abandoned_step,
        abandoned_at
    from sums
    where added_count > removed_count or (removed_count = 0 and (has_viewed_cart or has_reached_checkout))
)

select * from carts
