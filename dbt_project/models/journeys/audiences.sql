{#-
  The table reads its own last build to find who left. Its times are those of the data, so that a repeated build gives
  the same rows.
-#}
with newest as (
    select max(as_of_at) as as_of_at from {{ ref('profile_metrics') }}
),

members as (
    select
        profile_id,
        membership as audience
    from {{ ref('int_profile_memberships') }}
    where membership_type = 'audience'
),

known as (
    {% if is_incremental() -%}
        select
            profile_id,
            audience,
            entered_at,
            left_at,
            successor_profile_id
        from {{ this }}
    {%- else -%}
        select
            members.*,
            null::timestamp as entered_at,
            null::timestamp as left_at,
            null::varchar as successor_profile_id
        from members
        where false
    {%- endif %}
),

successors as (
    select
        old_profile_id,
        profile_id
    from {{ ref('profile_redirects') }}
    where profile_id is not null
),

-- A profile that others were merged into keeps its own entry time, or else takes the earliest of theirs.
inside as (
    select
        known.audience,
        coalesce(successors.profile_id, known.profile_id) as profile_id,
        min({ 'is_other': successors.profile_id is not null, 'entered_at': known.entered_at }).entered_at as entered_at
    from known
    left join successors on known.profile_id = successors.old_profile_id
    where known.left_at is null
    group by known.audience, coalesce(successors.profile_id, known.profile_id)
),

present as (
    select
        members.profile_id,
        members.audience,
        coalesce(inside.entered_at, newest.as_of_at) as entered_at,
        null::timestamp as left_at,
        null::varchar as successor_profile_id,
        if(inside.entered_at is null or inside.entered_at = newest.as_of_at, 'entered', null) as change
    from members
    cross join newest
    left join inside on members.profile_id = inside.profile_id and members.audience = inside.audience
),

past as (
    select
        known.profile_id,
        known.audience,
        known.entered_at,
        coalesce(known.left_at, newest.as_of_at) as left_at,
        coalesce(successors.profile_id, known.successor_profile_id) as successor_profile_id,
        case
            when coalesce(known.left_at, newest.as_of_at) < newest.as_of_at then null
            when moved.profile_id is not null then 'redirected'
            else 'left'
        end as change
    from known
    cross join newest
    left join successors on known.profile_id = successors.old_profile_id
    left join members as moved on successors.profile_id = moved.profile_id and known.audience = moved.audience
    anti join present
        on
            known.profile_id = present.profile_id
            and known.audience = present.audience
            and known.entered_at = present.entered_at
),

audiences as (
    select * from present
    union all
    select * from past
)

select * from audiences
