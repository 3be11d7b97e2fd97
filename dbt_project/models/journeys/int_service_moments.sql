with

definitions as (
    select * from {{ ref('moment_types') }}
),

touchpoints as (
    select
        *,
        source_record_type = 'ticket' as is_ticket,
        occurred_at + to_microseconds((first_reply_minutes * 60000000)::bigint) as replied_at,
        occurred_at + to_microseconds((duration_minutes * 60000000)::bigint) as solved_at
    from {{ ref('touchpoints') }}
    where profile_id is not null and (stage = 'service' or satisfaction_score is not null)
),

-- Anything that the customer gets from the company after a bad score: a reply, a solution, a refund.
answers as (
    select
        profile_id,
        replied_at as answered_at
    from touchpoints
    where is_ticket
    union all
    select
        profile_id,
        solved_at as answered_at
    from touchpoints
    where is_ticket
    union all
    select
        profile_id,
        occurred_at as answered_at
    from touchpoints
    where amount < 0
),

-- A ticket is rated when it is solved.
bad_scores as (
    select
        touchpoints.profile_id,
        touchpoints.touchpoint_id,
        touchpoints.touchpoint_type,
        touchpoints.satisfaction_score,
        coalesce(touchpoints.solved_at, touchpoints.occurred_at) as scored_at,
        definitions.days
    from touchpoints
    inner join definitions on definitions.moment_type = 'service_recovery'
    where touchpoints.satisfaction_score <= 25
),

recoveries as (
    select
        bad_scores.profile_id,
        'service_recovery' as moment_type,
        bad_scores.scored_at + to_days(bad_scores.days) as occurred_at,
        format(
            'Gave {:d} of 100 ({}) and had no answer for {:d} days',
            bad_scores.satisfaction_score::integer, bad_scores.touchpoint_type, bad_scores.days
        ) as reason,
        [bad_scores.touchpoint_id] as evidence_touchpoint_ids
    from bad_scores
    anti join answers
        on
            bad_scores.profile_id = answers.profile_id
            and bad_scores.scored_at < answers.answered_at
            and bad_scores.scored_at + to_days(bad_scores.days) >= answers.answered_at
),

solutions as (
    select
        touchpoints.profile_id,
        definitions.moment_type,
        touchpoints.solved_at + to_days(definitions.days) as occurred_at,
        format('A ticket about {} was solved on {}', touchpoints.topic, touchpoints.solved_at::date) as reason,
        [touchpoints.touchpoint_id] as evidence_touchpoint_ids
    from touchpoints
    inner join definitions
        on definitions.moment_type = if(touchpoints.topic = 'repair', 'repair_returned', 'complaint_solved')
    where
        touchpoints.is_ticket
        and touchpoints.solved_at is not null
        and touchpoints.topic in ('repair', 'defect', 'delivery', 'return', 'billing', 'complaint')
        and coalesce(touchpoints.satisfaction_score > 25, true)
),

moments as (
    select * from recoveries
    union all
    select * from solutions
)

select * from moments
