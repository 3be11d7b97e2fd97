with

newest as (
    select as_of_at from {{ ref('as_of') }}
),

occasions as (
    select * from {{ ref('int_service_moments') }}
    union all
    select * from {{ ref('int_purchase_moments') }}
    union all
    select * from {{ ref('int_silence_moments') }}
    union all
    select * from {{ ref('int_wish_moments') }}
),

-- A bad score waits until it is answered, or until making it good would come too late.
waits as (
    select
        bad_scores.profile_id,
        true as forbids_surprises,
        bad_scores.scored_at as opened_at,
        least(
            bad_scores.answered_at, bad_scores.scored_at + to_days(definitions.days + definitions.expires_after_days)
        ) as closed_at
    from {{ ref('int_bad_scores') }} as bad_scores
    inner join {{ ref('moment_types') }} as definitions on definitions.moment_type = 'service_recovery'
),

waiting_now as (
    select distinct waits.profile_id
    from waits
    inner join newest on waits.opened_at <= newest.as_of_at and waits.closed_at > newest.as_of_at
),

typed as (
    select
        occasions.*,
        coalesce(definitions.is_surprise, false) as is_surprise
    from occasions
    left join {{ ref('moment_types') }} as definitions on occasions.moment_type = definitions.moment_type
),

-- Nothing is given for pleasure to a customer whose bad score waits.
candidates as (
    select
        typed.profile_id,
        typed.moment_type,
        typed.occurred_at,
        typed.reason,
        typed.evidence_touchpoint_ids,
        typed.is_surprise and waiting_now.profile_id is not null as is_suppressed
    from typed
    anti join waits
        on
            typed.is_surprise = waits.forbids_surprises
            and typed.profile_id = waits.profile_id
            and typed.occurred_at >= waits.opened_at
            and typed.occurred_at < waits.closed_at
    left join waiting_now on typed.profile_id = waiting_now.profile_id
)

select * from candidates
