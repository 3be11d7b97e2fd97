with

purchases as (
    select
        touchpoints.profile_id,
        purchase_items.category,
        -- what a subscription brings again was chosen once
        count(distinct purchase_items.interaction_id) filter (touchpoints.is_renewal is not true) as order_count,
        sum(purchase_items.quantity) as quantity
    from {{ ref('purchase_items') }} as purchase_items
    inner join {{ ref('touchpoints') }} as touchpoints
        on purchase_items.interaction_id = touchpoints.touchpoint_id
    where
        touchpoints.is_order
        and touchpoints.profile_id is not null
        and purchase_items.category is not null
        and {{ touched_profiles_only('touchpoints.profile_id') }}
    group by touchpoints.profile_id, purchase_items.category
),

ranked as (
    select
        *,
        row_number() over (
            partition by profile_id order by order_count desc, quantity desc, category asc
        ) as category_rank
    from purchases
),

favourites as (
    select
        profile_id,
        list(category order by category_rank) as favourite_categories
    from ranked
    where category_rank <= 3
    group by profile_id
)

select * from favourites
