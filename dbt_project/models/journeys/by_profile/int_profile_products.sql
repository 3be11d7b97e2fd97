with

-- Of a very long list (a company, a shared card) only the latest products are used.
products as (
    select
        touchpoints.profile_id,
        purchase_items.sku
    from {{ ref('purchase_items') }} as purchase_items
    inner join {{ ref('touchpoints') }} as touchpoints
        on purchase_items.interaction_id = touchpoints.touchpoint_id
    where
        touchpoints.is_order
        and touchpoints.profile_id is not null
        and purchase_items.sku is not null
        and {{ touched_profiles_only('touchpoints.profile_id') }}
    group by touchpoints.profile_id, purchase_items.sku
    qualify
        row_number() over (
            partition by touchpoints.profile_id order by max(touchpoints.occurred_at) desc, purchase_items.sku asc
        ) <= 50
)

select * from products
