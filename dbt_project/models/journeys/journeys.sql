with

touchpoints as (
    select * from {{ ref('touchpoints') }}
    where journey_id is not null
),

summaries as (
    select
        journey_id,
        min(profile_id) as profile_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as touchpoint_count,
        -- Sorting the list costs half of an ordered aggregate.
        list_sort(list({ 'number': journey_touchpoint_number, 'stage': stage, 'channel': channel })) as steps,
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

told as (
    select
        *,
        list_sort(list_distinct(list_transform(steps, lambda step: step['channel']))) as channels,
        list_transform(
            list_filter(
                range(1, touchpoint_count + 1),
                lambda place: place = 1 or steps[place].stage <> steps[place - 1].stage
            ),
            lambda place: steps[place].stage
        ) as path
    from summaries
),

journeys as (
    select
        told.journey_id,
        told.profile_id,
        told.started_at,
        told.ended_at,
        told.touchpoint_count,
        len(told.channels) as channel_count,
        told.channels,
        told.path,
        told.steps[1].channel as first_touch_channel,
        told.steps[-1].channel as last_touch_channel,
        told.is_converted,
        told.converted_at,
        coalesce(revenue.revenue_amount, 0) as revenue_amount,
        '{{ var("reporting_currency") }}' as currency,
        coalesce(revenue.is_revenue_complete, true) as is_revenue_complete,
        epoch(told.converted_at - told.started_at) / 60 as minutes_to_conversion,
        told.lowest_satisfaction_score,
        case
            when revenue.has_refund and revenue.revenue_amount <= 0 then 'returned'
            when told.is_converted then 'converted'
            when told.has_reached_purchase then 'abandoned'
            when told.has_service then 'served'
            else 'browsing'
        end as outcome
    from told
    left join revenue on told.journey_id = revenue.journey_id
)

select * from journeys
