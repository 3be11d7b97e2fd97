{%- set timeline = 'partition by journey_id order by journey_touchpoint_number' -%}
with

touchpoints as (
    select
        *,
        concat(stage, ' ', channel) as place,
        lag(concat(stage, ' ', channel)) over ({{ timeline }}) as former_place,
        lag(occurred_at) over ({{ timeline }}) as former_at
    from {{ ref('touchpoints') }}
    where journey_id is not null
),

-- A stage and channel that repeats at once is one step.
steps as (
    select
        journey_id,
        profile_id,
        journey_touchpoint_number,
        stage as from_stage,
        channel as from_channel,
        occurred_at as started_at,
        lead(stage) over ({{ timeline }}) as to_stage,
        lead(channel) over ({{ timeline }}) as to_channel,
        lead(occurred_at) over ({{ timeline }}) as next_started_at,
        lead(former_at) over ({{ timeline }}) as ended_at
    from touchpoints
    where place is distinct from former_place
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
        median(epoch(next_started_at - ended_at) / 60) as median_minutes
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
