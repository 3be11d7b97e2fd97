with

summaries as (
    select
        journey_id,
        min(profile_id) as profile_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        max(occurred_at) filter (where effort_weight > 0) as last_act_at,
        count(*) as touchpoint_count,
        -- A list that is sorted afterwards costs half of an ordered aggregate.
        list_sort(list({ 'number': journey_touchpoint_number, 'stage': stage, 'channel': channel })) as steps,
        sum(effort_weight)::bigint as effort_total,
        bool_or(stage = 'service') as has_service,
        bool_or(touchpoint_type in ('product_added', 'cart_view', 'checkout_started')) as has_cart,
        min(satisfaction_score) as lowest_satisfaction_score
    from {{ ref('touchpoints') }}
    where journey_id is not null and {{ touched_profiles_only('profile_id') }}
    group by journey_id
),

with_path as (
    select
        *,
        list_sort(list_distinct(list_transform(steps, lambda step: step['channel']))) as channels,
        list_transform(
            list_filter(range(1, len(steps) + 1), lambda n: n = 1 or steps[n].stage <> steps[n - 1].stage),
            lambda n: steps[n].stage
        ) as path
    from summaries
),

revenue as (
    select
        journey_id,
        coalesce(sum(reporting_amount), 0)::decimal(18, 2) as revenue_amount,
        bool_or(reporting_amount < 0) as has_refund,
        bool_and(reporting_amount is not null) as is_revenue_complete
    from {{ ref('int_touchpoint_revenue') }}
    where {{ touched_profiles_only('profile_id') }}
    group by journey_id
),

completed as (
    select
        with_path.*,
        goals.converted_at,
        goals.effort_to_conversion,
        goals.purchase_pattern,
        carts.abandoned_step,
        carts.abandoned_at,
        revenue.revenue_amount,
        revenue.has_refund,
        revenue.is_revenue_complete,
        goals.journey_id is not null as is_converted,
        (select newest.as_of_at from {{ ref('as_of') }} as newest) as as_of_at
    from with_path
    left join {{ ref('int_journey_goals') }} as goals on with_path.journey_id = goals.journey_id
    left join {{ ref('int_journey_carts') }} as carts on with_path.journey_id = carts.journey_id
    left join revenue on with_path.journey_id = revenue.journey_id
),

journeys as (
    select
        journey_id,
        profile_id,
        started_at,
        ended_at,
        touchpoint_count,
        len(channels) as channel_count,
        channels,
        path,
        steps[1].channel as first_touch_channel,
        steps[-1].channel as last_touch_channel,
        last_act_at + interval '{{ var("journey_gap_days") }} days' >= as_of_at as is_open,
        is_converted,
        converted_at,
        coalesce(revenue_amount, 0) as revenue_amount,
        '{{ var("reporting_currency") }}' as currency,
        coalesce(is_revenue_complete, true) as is_revenue_complete,
        epoch(converted_at - started_at) / 60 as minutes_to_conversion,
        effort_to_conversion,
        effort_total,
        purchase_pattern,
        coalesce(purchase_pattern = 'researched_online_bought_in_store', false) as is_research_online_purchase_in_store,
        lowest_satisfaction_score,
        case
            when has_refund and revenue_amount <= 0 then 'returned'
            when is_converted then 'converted'
            when abandoned_step is not null then 'abandoned'
            when has_service then 'served'
            else 'browsing'
        end as outcome,
        abandoned_step,
        abandoned_at,
        abandoned_step is not null or coalesce(has_cart, false) as has_cart
    from completed
)

select * from journeys
