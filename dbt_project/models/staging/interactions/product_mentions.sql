with events as (
    select
        event_id,
        event_name,
        occurred_at,
        json_extract_string(properties, ['$.sku', '$.price', '$.currency']) as fields
    from {{ ref('stg_ecommerce__events') }}
    where event_type = 'track' and event_name ilike 'product%'
),

mentions as (
    select
        'ecommerce:event:' || event_id as interaction_id,
        occurred_at,
        fields[1] as sku,
        try_cast(fields[2] as decimal(18, 2)) as price_amount,
        upper(fields[3]) as currency,
        lower(event_name) = 'product added to wishlist' as is_wish
    from events
),

complete_mentions as (
    select * from mentions
    where sku is not null and price_amount is not null and currency is not null
)

select * from complete_mentions
