with

touchpoints as (
    select * from {{ ref('touchpoints') }}
    where journey_id is not null
),

steps as (
    select
        journey_id,
        min(profile_id) as profile_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as touchpoint_count,
        list_sort(list(distinct channel)) as channels,
        list({'stage': stage, 'channel': channel} order by occurred_at, touchpoint_id) as steps,
        bool_or(is_order) as is_converted,
        min(occurred_at) filter (where is_order) as converted_at,
        bool_or(stage in ('purchase', 'repurchase')) as has_reached_purchase,
        bool_or(stage = 'service') as has_service,
        min(satisfaction_score) as lowest_satisfaction_score
    from touchpoints
    group by journey_id
),

revenue as (
    select
        journey_id,
        coalesce(sum(reporting_amount), 0)::decimal(18, 2) as revenue_amount,
        bool_or(reporting_amount < 0) as has_refund,
        bool_and(reporting_amount is not null) as is_revenue_complete
    from {{ ref('int_touchpoint_revenue') }}
    group by journey_id
),

journeys as (
    select
        steps.journey_id,
        steps.profile_id,
        steps.started_at,
        steps.ended_at,
        steps.touchpoint_count,
        len(steps.channels) as channel_count,
        steps.channels,
        list_transform(
            list_filter(
                list_zip(steps.steps, list_prepend(null, steps.steps), true),
                lambda pair: pair[1].stage is distinct from pair[2].stage
            ),
            lambda pair: pair[1].stage
        ) as path,
        steps.steps[1].channel as first_touch_channel,
        steps.steps[-1].channel as last_touch_channel,
        steps.is_converted,
        steps.converted_at,
        coalesce(revenue.revenue_amount, 0) as revenue_amount,
        '{{ var("reporting_currency") }}' as currency,
        coalesce(revenue.is_revenue_complete, true) as is_revenue_complete,
        epoch(steps.converted_at - steps.started_at) / 60 as minutes_to_conversion,
        steps.lowest_satisfaction_score,
        case
            when revenue.has_refund and revenue.revenue_amount <= 0 then 'returned'
            when steps.is_converted then 'converted'
            when steps.has_reached_purchase then 'abandoned'
            when steps.has_service then 'served'
            else 'browsing'
        end as outcome
    from steps
    left join revenue on steps.journey_id = revenue.journey_id
)

select * from journeys
