with

orders as (
    select
        profile_id,
        touchpoint_id,
        occurred_at,
        channel,
        row_number() over (partition by profile_id order by occurred_at, touchpoint_id) as order_number,
        first_value(touchpoint_id) over (partition by profile_id order by occurred_at, touchpoint_id) as first_id,
        max(channel in ('web', 'mobile_app')) over (
            partition by profile_id order by occurred_at, touchpoint_id rows between unbounded preceding and 1 preceding
        ) as was_online_before,
        row_number() over (partition by profile_id, channel order by occurred_at, touchpoint_id) as channel_number
    from {{ ref('touchpoints') }}
    where is_order and profile_id is not null
),

third_orders as (
    select
        profile_id,
        'third_purchase' as moment_type,
        occurred_at,
        'Ordered for the third time' as reason,
        [touchpoint_id] as evidence_touchpoint_ids
    from orders
    where order_number = 3
),

first_store_visits as (
    select
        profile_id,
        'first_time_in_store' as moment_type,
        occurred_at,
        'Bought in a store for the first time, knows us from the web' as reason,
        [first_id, touchpoint_id] as evidence_touchpoint_ids
    from orders
    where channel = 'store' and channel_number = 1 and was_online_before
),

buyers as (
    select
        orders.*,
        (orders.last_order_at - orders.first_order_at) / greatest(orders.purchase_day_count - 1, 1) as usual_pause,
        predictions.churn_risk_score
    from {{ ref('int_profile_orders') }} as orders
    left join {{ ref('int_purchase_predictions') }} as predictions on orders.profile_id = predictions.profile_id
    where orders.is_buyer
),

years as (
    select
        profile_id,
        first_order_at,
        unnest(range(1, date_diff('year', first_order_at, as_of_at) + 1)) as year_count
    from buyers
),

anniversaries as (
    select
        years.profile_id,
        'anniversary' as moment_type,
        years.first_order_at + to_years(years.year_count) as occurred_at,
        format('Years since the first order: {:d}', years.year_count) as reason,
        [min(orders.first_id), max_by(orders.touchpoint_id, orders.order_number)] as evidence_touchpoint_ids
    from years
    inner join {{ ref('moment_types') }} as definitions on definitions.moment_type = 'anniversary'
    inner join orders
        on
            years.profile_id = orders.profile_id
            and orders.occurred_at <= years.first_order_at + to_years(years.year_count)
            and orders.occurred_at > years.first_order_at + to_years(years.year_count) - to_days(definitions.days)
    group by years.profile_id, years.first_order_at, years.year_count
),

silences as (
    select
        buyers.profile_id,
        'silent_churn' as moment_type,
        buyers.last_order_at + greatest(to_days(definitions.days), buyers.usual_pause * 3) as occurred_at,
        format('Ordered {:d} times, nothing since {}', buyers.order_count, buyers.last_order_at::date) as reason,
        [last_orders.touchpoint_id] as evidence_touchpoint_ids
    from buyers
    inner join {{ ref('moment_types') }} as definitions on definitions.moment_type = 'silent_churn'
    inner join orders as last_orders
        on buyers.profile_id = last_orders.profile_id and buyers.order_count = last_orders.order_number
    where buyers.order_count >= 3 and buyers.churn_risk_score >= 0.5
),

moments as (
    select * from third_orders
    union all
    select * from first_store_visits
    union all
    select * from anniversaries
    union all
    select * from silences
)

select * from moments
