with

touchpoints as (
    select * from {{ ref('touchpoints') }}
    where journey_id is not null and {{ touched_profiles_only('profile_id') }}
),

goals as (
    select
        journey_id,
        min(profile_id) as profile_id,
        min(journey_touchpoint_number) as goal_number,
        min(occurred_at) as converted_at,
        min_by(channel, journey_touchpoint_number) as goal_channel
    from touchpoints
    where is_goal
    group by journey_id
),

-- The effort up to the goal, and the channels in which the customer looked around before it.
conversions as (
    select
        goals.journey_id,
        any_value(goals.profile_id) as profile_id,
        any_value(goals.converted_at) as converted_at,
        any_value(goals.goal_channel) as goal_channel,
        sum(touchpoints.effort_weight)::bigint as effort_to_conversion,
        bool_or(touchpoints.is_creditable and touchpoints.channel in ('web', 'mobile_app')) as has_looked_online,
        bool_or(touchpoints.is_creditable and touchpoints.channel = 'store') as has_looked_in_store
    from goals
    inner join touchpoints
        on goals.journey_id = touchpoints.journey_id and goals.goal_number >= touchpoints.journey_touchpoint_number
    group by goals.journey_id
),

journey_goals as (
    select
        journey_id,
        profile_id,
        converted_at,
        effort_to_conversion,
        case
            when goal_channel = 'store' and has_looked_online then 'researched_online_bought_in_store'
            when goal_channel = 'store' then 'bought_in_store'
            when goal_channel not in ('web', 'mobile_app') then 'bought_elsewhere'
            when has_looked_in_store then 'visited_store_bought_online'
            else 'bought_online'
        end as purchase_pattern
    from conversions
)

select * from journey_goals
