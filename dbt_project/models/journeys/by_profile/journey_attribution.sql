{%- set shares = ['weighted.weight', 'weighted.journey_id, weighted.rule', 'weighted.channel, weighted.campaign'] -%}
{%- set timeline = 'partition by journey_id order by journey_touchpoint_number' -%}
with

journeys as (
    select
        journeys.journey_id,
        journeys.profile_id,
        journeys.currency,
        (journeys.revenue_amount * 100)::bigint as revenue_cents,
        goals.goal_number,
        goals.last_goal_number
    from {{ ref('journeys') }} as journeys
    inner join {{ ref('int_journey_goals') }} as goals on journeys.journey_id = goals.journey_id
    where {{ touched_profiles_only('journeys.profile_id') }}
),

-- A journey without a creditable touchpoint credits the channel of its goal.
candidates as (
    select
        touchpoints.* replace (coalesce(touchpoints.campaign_channel, touchpoints.channel) as channel),
        bool_or(touchpoints.is_creditable) over (partition by journeys.journey_id) as has_creditable
    from journeys
    inner join {{ ref('touchpoints') }} as touchpoints
        on
            journeys.journey_id = touchpoints.journey_id
            and journeys.last_goal_number > touchpoints.journey_touchpoint_number - 1
            and (touchpoints.is_creditable or journeys.goal_number = touchpoints.journey_touchpoint_number)
),

-- A visit is credited to its first touchpoint: the advertisement, not the pages that follow it.
visits as (
    select *
    from candidates
    where is_creditable or not has_creditable
    qualify
        coalesce(
            occurred_at > lag(occurred_at) over ({{ timeline }}) + interval '{{ var("session_gap_minutes") }} minutes',
            true
        )
),

numbered as (
    select
        *,
        row_number() over ({{ timeline }}) as visit_number,
        count(*) over (partition by journey_id) as visit_count
    from visits
),

credited as (
    select
        journey_id,
        channel,
        campaign,
        sum((visit_number = 1)::integer)::double as first,
        sum((visit_number = visit_count)::integer)::double as last,
        sum(1 / visit_count) as linear,
        sum(
            case
                when visit_count <= 2 then 1 / visit_count
                when visit_number in (1, visit_count) then {{ var('position_credit') }}
                else (1 - 2 * {{ var('position_credit') }}) / (visit_count - 2)
            end
        ) as position
    from numbered
    group by journey_id, channel, campaign
),

weighted as (
    unpivot credited on first, last, linear, position into name rule value weight
),

distributed as (
    select
        weighted.*,
        journeys.profile_id,
        journeys.currency,
        {{ share_of_units('1000000', *shares) }} as millionths,
        {{ share_of_units('journeys.revenue_cents', *shares) }} as cents
    from weighted
    inner join journeys on weighted.journey_id = journeys.journey_id
    where weighted.weight > 0
),

attribution as (
    select
        journey_id,
        profile_id,
        channel,
        campaign,
        rule,
        (millionths / 1000000)::decimal(18, 6) as credit,
        (cents / 100)::decimal(18, 2) as credited_amount,
        currency
    from distributed
)

select * from attribution
