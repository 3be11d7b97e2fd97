with

orders as (
    select
        profile_id,
        max({ 'occurred_at': occurred_at, 'touchpoint_id': touchpoint_id }).touchpoint_id as last_id
    from {{ ref('touchpoints') }}
    where is_order and profile_id is not null
    group by profile_id
),

buyers as (
    select
        orders.*,
        (orders.last_order_at - orders.first_order_at) / greatest(orders.purchase_day_count - 1, 1) as usual_pause,
        predictions.no_order_probability
    from {{ ref('int_profile_orders') }} as orders
    left join {{ ref('int_purchase_predictions') }} as predictions on orders.profile_id = predictions.profile_id
    where orders.is_buyer
),

silences as (
    select
        buyers.profile_id,
        'silent_churn' as moment_type,
        buyers.last_order_at + greatest(
            to_days(definitions.days),
            buyers.usual_pause * {{ moment_threshold('silent_churn', 'usual_pauses') }}
        ) as occurred_at,
        format('Ordered {:d} times, nothing since {}', buyers.order_count, buyers.last_order_on) as reason,
        [orders.last_id] as evidence_touchpoint_ids
    from buyers
    inner join {{ ref('moment_types') }} as definitions on definitions.moment_type = 'silent_churn'
    inner join orders on buyers.profile_id = orders.profile_id
    where
        buyers.order_count >= {{ moment_threshold('silent_churn', 'lowest_order_count') }}
        and buyers.no_order_probability >= {{ moment_threshold('silent_churn', 'lowest_no_order_probability') }}
)

select * from silences
