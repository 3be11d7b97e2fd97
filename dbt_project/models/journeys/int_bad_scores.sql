with

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
        touchpoints.about_touchpoint_id,
        coalesce(touchpoints.solved_at, touchpoints.occurred_at) as scored_at
    from touchpoints
    where
        (touchpoints.survey_type is null or touchpoints.is_last_answer)
        and touchpoints.satisfaction_score <= {{ moment_threshold('service_recovery', 'highest_score') }}
),

answered as (
    select
        bad_scores.touchpoint_id,
        min(answers.answered_at) as answered_at
    from bad_scores
    inner join answers
        on bad_scores.profile_id = answers.profile_id and bad_scores.scored_at < answers.answered_at
    group by bad_scores.touchpoint_id
)

select
    bad_scores.*,
    answered.answered_at
from bad_scores
left join answered on bad_scores.touchpoint_id = answered.touchpoint_id
