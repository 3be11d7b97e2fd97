with

moves as (
    select
        from_stage,
        from_channel,
        to_stage,
        to_channel,
        count(*) as transition_count,
        count(distinct profile_id) as profile_count,
        median(minutes_to_next) as median_minutes
    from {{ ref('int_journey_steps') }}
    where to_stage is not null
    group by from_stage, from_channel, to_stage, to_channel
),

-- An open journey may continue, so its end is no drop-off.
ends as (
    select
        steps.from_stage,
        steps.from_channel,
        count(*) as end_count,
        count(*) filter (where not journeys.is_converted) as drop_off_count
    from {{ ref('int_journey_steps') }} as steps
    inner join {{ ref('journeys') }} as journeys on steps.journey_id = journeys.journey_id
    where steps.to_stage is null and not journeys.is_open
    group by steps.from_stage, steps.from_channel
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
        coalesce(ends.drop_off_count, 0) / (
            coalesce(ends.end_count, 0)
            + sum(moves.transition_count) over (partition by moves.from_stage, moves.from_channel)
        ) as drop_off_rate
    from moves
    left join ends on moves.from_stage = ends.from_stage and moves.from_channel = ends.from_channel
)

select * from transitions
