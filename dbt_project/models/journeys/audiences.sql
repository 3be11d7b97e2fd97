{#-
  The table remembers who was inside before, so that it can tell who left. Its times are those of the data, so that a
  build that is run again tells the same.
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

told as (
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

-- A profile that took others in stays as long as itself, or else as the first of them.
inside as (
    select
        told.audience,
        coalesce(successors.profile_id, told.profile_id) as profile_id,
        min({ 'is_heir': successors.profile_id is not null, 'entered_at': told.entered_at }).entered_at as entered_at
    from told
    left join successors on told.profile_id = successors.old_profile_id
    where told.left_at is null
    group by told.audience, coalesce(successors.profile_id, told.profile_id)
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
        told.profile_id,
        told.audience,
        told.entered_at,
        coalesce(told.left_at, newest.as_of_at) as left_at,
        coalesce(successors.profile_id, told.successor_profile_id) as successor_profile_id,
        case
            when coalesce(told.left_at, newest.as_of_at) < newest.as_of_at then null
            when heirs.profile_id is not null then 'redirected'
            else 'left'
        end as change
    from told
    cross join newest
    left join successors on told.profile_id = successors.old_profile_id
    left join members as heirs on successors.profile_id = heirs.profile_id and told.audience = heirs.audience
    anti join present
        on
            told.profile_id = present.profile_id
            and told.audience = present.audience
            and told.entered_at = present.entered_at
),

audiences as (
    select * from present
    union all
    select * from past
)

select * from audiences
