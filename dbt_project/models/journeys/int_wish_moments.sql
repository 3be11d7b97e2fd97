with

daily_prices as (
    select
        sku,
        currency,
        {{ day_of('occurred_at') }} as seen_on,
        min(price_amount) as price_amount,
        min(occurred_at) as seen_at
    from {{ ref('product_mentions') }}
    group by sku, currency, seen_on
),

-- Prices change rarely: only the days on which a price fell are compared with the wishes.
price_cuts as (
    select *
    from daily_prices
    qualify price_amount < lag(price_amount) over (partition by sku, currency order by seen_on)
),

wishes as (
    select
        touchpoints.profile_id,
        touchpoints.touchpoint_id,
        touchpoints.occurred_at,
        mentions.sku,
        mentions.currency,
        mentions.price_amount
    from {{ ref('product_mentions') }} as mentions
    inner join {{ ref('touchpoints') }} as touchpoints on mentions.interaction_id = touchpoints.touchpoint_id
    where mentions.is_wish and touchpoints.profile_id is not null
),

bought as (
    select
        touchpoints.profile_id,
        touchpoints.occurred_at,
        purchase_items.sku
    from {{ ref('purchase_items') }} as purchase_items
    inner join {{ ref('touchpoints') }} as touchpoints on purchase_items.interaction_id = touchpoints.touchpoint_id
    where touchpoints.is_order and touchpoints.profile_id is not null
),

fulfilled as (
    select
        wishes.*,
        price_cuts.seen_at,
        price_cuts.price_amount as new_price_amount
    from wishes
    inner join {{ ref('moment_types') }} as definitions on definitions.moment_type = 'price_drop_on_wish'
    inner join price_cuts
        on
            wishes.sku = price_cuts.sku
            and wishes.currency = price_cuts.currency
            and wishes.occurred_at < price_cuts.seen_at
            and wishes.occurred_at + to_days(definitions.days) >= price_cuts.seen_at
    where
        price_cuts.price_amount
        <= wishes.price_amount * {{ moment_threshold('price_drop_on_wish', 'highest_price_share') }}
),

moments as (
    select
        fulfilled.profile_id,
        'price_drop_on_wish' as moment_type,
        fulfilled.seen_at as occurred_at,
        format(
            'Wished for {} at {:.2f} {}, which costs {:.2f} now',
            fulfilled.sku, fulfilled.price_amount, fulfilled.currency, fulfilled.new_price_amount
        ) as reason,
        [fulfilled.touchpoint_id] as evidence_touchpoint_ids
    from fulfilled
    anti join bought
        on
            fulfilled.profile_id = bought.profile_id
            and fulfilled.sku = bought.sku
            and fulfilled.occurred_at <= bought.occurred_at
            and fulfilled.seen_at >= bought.occurred_at
)

select * from moments
