with

newest as (
    select as_of_at from {{ ref('as_of') }}
),

candidates as (
    select * from {{ ref('int_moment_candidates') }}
),

identified as (
    select
        *,
        -- Derived from the event, not from the profile, so that a merge of profiles keeps the id.
        md5(concat_ws('|', moment_type, evidence_touchpoint_ids[1], occurred_at)) as moment_id
    from candidates
    where occurred_at <= (select newest.as_of_at from newest)
    qualify
        row_number() over (
            partition by moment_type, evidence_touchpoint_ids[1], occurred_at order by evidence_touchpoint_ids
        ) = 1
),

timelines as (
    select
        identified.profile_id,
        identified.moment_type,
        any_value(definitions.cool_down_days) as cool_down_days,
        list_sort(list([{ 'occurred_at': identified.occurred_at, 'moment_id': identified.moment_id }])) as moments
    from identified
    inner join {{ ref('moment_types') }} as definitions on identified.moment_type = definitions.moment_type
    group by identified.profile_id, identified.moment_type
),

-- The first moment counts, then the first one after its cool-down, and so on.
cooled as (
    select
        list_reduce(
            moments,
            (chosen, next_one) -> if(
                next_one[1].occurred_at > chosen[-1].occurred_at + to_days(cool_down_days),
                list_concat(chosen, next_one),
                chosen
            )
        ) as chosen_moments
    from timelines
),

counted as (
    select unnest(chosen_moments).moment_id as moment_id
    from cooled
),

reach as (
    select * from {{ ref('int_profile_reach') }}
),

moments as (
    select
        identified.moment_id,
        identified.profile_id,
        identified.moment_type,
        identified.occurred_at,
        identified.reason,
        identified.evidence_touchpoint_ids,
        definitions.suggested_action,
        definitions.channel as suggested_channel,
        definitions.purpose,
        -- marketing needs a consent; service needs none, but a refusal of service holds
        case
            when definitions.purpose <> 'service' then coalesce(consents.is_contactable, false)
            else
                coalesce(if(definitions.channel = 'email', reach.has_email, reach.has_phone), false)
                and coalesce(consents.state, 'unknown') <> 'refused'
        end as is_contactable,
        definitions.is_surprise,
        identified.occurred_at + to_days(definitions.expires_after_days) as expires_at,
        not identified.is_suppressed
        and identified.occurred_at + to_days(definitions.expires_after_days) >= newest.as_of_at as is_current
    from identified
    cross join newest
    semi join counted on identified.moment_id = counted.moment_id
    inner join {{ ref('moment_types') }} as definitions on identified.moment_type = definitions.moment_type
    semi join {{ ref('profiles') }} as profiles
        on identified.profile_id = profiles.profile_id and profiles.is_restricted is not true
    left join reach on identified.profile_id = reach.profile_id
    left join {{ ref('profile_consents') }} as consents
        on
            identified.profile_id = consents.profile_id
            and definitions.purpose = consents.purpose
            and if(definitions.channel = 'phone', 'call', definitions.channel) = consents.channel
)

select * from moments
