with

definitions as (
    select * from {{ ref('moment_types') }}
),

bad_scores as (
    select * from {{ ref('int_bad_scores') }}
),

tickets as (
    select
        *,
        occurred_at + to_microseconds((duration_minutes * 60000000)::bigint) as solved_at
    from {{ ref('touchpoints') }}
    where profile_id is not null and source_record_type = 'ticket'
),

recoveries as (
    select
        bad_scores.profile_id,
        definitions.moment_type,
        bad_scores.scored_at + to_days(definitions.days) as occurred_at,
        format(
            'Gave {:d} of 100 ({}) and had no answer for {:d} days',
            bad_scores.satisfaction_score::integer, bad_scores.touchpoint_type, definitions.days
        ) as reason,
        [bad_scores.touchpoint_id] as evidence_touchpoint_ids
    from bad_scores
    inner join definitions on definitions.moment_type = 'service_recovery'
    where
        bad_scores.answered_at is null
        or bad_scores.scored_at + to_days(definitions.days) < bad_scores.answered_at
),

-- A ticket is rated with itself, or in a survey about it.
lowest_scores as (
    select
        coalesce(about_touchpoint_id, touchpoint_id) as touchpoint_id,
        min(satisfaction_score) as satisfaction_score
    from {{ ref('touchpoints') }}
    where satisfaction_score is not null
    group by coalesce(about_touchpoint_id, touchpoint_id)
),

solutions as (
    select
        tickets.profile_id,
        definitions.moment_type,
        tickets.solved_at + to_days(definitions.days) as occurred_at,
        format('A ticket about {} was solved on {}', tickets.topic, {{ day_of('tickets.solved_at') }}) as reason,
        [tickets.touchpoint_id] as evidence_touchpoint_ids
    from tickets
    inner join definitions
        on definitions.moment_type = if(tickets.topic = 'repair', 'repair_returned', 'complaint_solved')
    inner join {{ ref('moment_thresholds') }} as thresholds
        on definitions.moment_type = thresholds.moment_type and thresholds.threshold = 'lowest_score'
    left join lowest_scores on tickets.touchpoint_id = lowest_scores.touchpoint_id
    where
        tickets.solved_at is not null
        and tickets.topic in ('repair', 'defect', 'delivery', 'return', 'billing', 'complaint')
        and coalesce(lowest_scores.satisfaction_score >= thresholds.value, true)
),

moments as (
    select * from recoveries
    union all
    select * from solutions
)

select * from moments
