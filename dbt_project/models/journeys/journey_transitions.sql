with

steps as (
    select * from {{ ref('int_journey_steps') }}
),

journeys as (
    select
        journey_id,
        is_converted,
        is_open
    from {{ ref('journeys') }}
),

departures as (
    select
        steps.from_stage,
        steps.from_channel,
        count(*) as step_count,
        count(*) filter (where steps.to_stage is null and not journeys.is_converted) as drop_off_count
    from steps
    inner join journeys on steps.journey_id = journeys.journey_id
    -- Who may still come back has not dropped off.
    where steps.to_stage is not null or not journeys.is_open
    group by steps.from_stage, steps.from_channel
),

moves as (
    select
        from_stage,
        from_channel,
        to_stage,
        to_channel,
        count(*) as transition_count,
        count(distinct profile_id) as profile_count,
        median(minutes_to_next) as median_minutes
    from steps
    where to_stage is not null
    group by from_stage, from_channel, to_stage, to_channel
),

transitions as (
    select
        moves.from_stage,
        moves.from_channel,
        moves.to_stage,
        moves.to_channel,
        moves.transition_count,
        moves.profile_count,
        moves.median_minutes,
        departures.drop_off_count / departures.step_count as drop_off_rate
    from moves
    left join departures
        on moves.from_stage = departures.from_stage and moves.from_channel = departures.from_channel
)

select * from transitions
