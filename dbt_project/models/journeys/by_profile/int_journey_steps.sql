{%- set timeline = 'partition by journey_id order by journey_touchpoint_number' -%}
with

touchpoints as (
    select
        *,
        concat(stage, ' ', channel) as place,
        lag(concat(stage, ' ', channel)) over ({{ timeline }}) as former_place,
        lag(occurred_at) over ({{ timeline }}) as former_at
    from {{ ref('touchpoints') }}
    where journey_id is not null and {{ touched_profiles_only('profile_id') }}
),

-- Consecutive touchpoints of one stage and channel are one step.
steps as (
    select
        journey_id,
        profile_id,
        journey_touchpoint_number,
        stage as from_stage,
        channel as from_channel,
        lead(stage) over ({{ timeline }}) as to_stage,
        lead(channel) over ({{ timeline }}) as to_channel,
        lead(occurred_at) over ({{ timeline }}) as next_started_at,
        lead(former_at) over ({{ timeline }}) as ended_at
    from touchpoints
    where place is distinct from former_place
),

timed as (
    select
        * exclude (next_started_at, ended_at),
        epoch(next_started_at - ended_at) / 60 as minutes_to_next
    from steps
)

select * from timed
