with

touchpoints as (
    select * from {{ ref('touchpoints') }}
    where profile_id is not null
),

-- Awareness comes from the company (a mail sent, an advertisement shown), so it says little about preference.
uses as (
    select
        profile_id,
        channel,
        count(*) filter (where stage <> 'awareness') as own_count,
        count(*) as touchpoint_count,
        max(occurred_at) as last_used_at
    from touchpoints
    group by profile_id, channel
),

ranked as (
    select
        *,
        row_number() over (
            partition by profile_id order by own_count desc, touchpoint_count desc, last_used_at desc, channel asc
        ) as preference_rank
    from uses
),

preferred as (
    select
        profile_id,
        max(channel) filter (where preference_rank = 1) as preferred_channel,
        bool_or(channel = 'store' and own_count > 0)
        and bool_or(channel in ('web', 'mobile_app') and own_count > 0) as is_omnichannel
    from ranked
    group by profile_id
)

select * from preferred
