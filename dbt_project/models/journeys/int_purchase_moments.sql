with

orders as (
    select
        profile_id,
        touchpoint_id,
        occurred_at,
        channel,
        is_renewal,
        row_number() over (partition by profile_id order by occurred_at, touchpoint_id) as order_number,
        count(*) filter (where is_renewal is not true) over (
            partition by profile_id order by occurred_at, touchpoint_id
        ) as own_order_number,
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
        format('Ordered for the {:d}. time', own_order_number) as reason,
        [touchpoint_id] as evidence_touchpoint_ids
    from orders
    where is_renewal is not true and own_order_number = {{ moment_threshold('third_purchase', 'order_number') }}
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
    select * from {{ ref('int_profile_orders') }}
    where is_buyer
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

moments as (
    select * from third_orders
    union all
    select * from first_store_visits
    union all
    select * from anniversaries
)

select * from moments
