{%- set timeline = 'partition by profile_id order by occurred_at, touchpoint_id' -%}
{%- set gap = "interval '" ~ var("journey_gap_days") ~ " days'" -%}
with

interactions as (
    select
        interactions.interaction_id as touchpoint_id,
        interactions.occurred_at,
        profile_records.profile_id,
        -- where nothing is asked of the customer, somebody else acted: a mail was sent, a parcel left
        interactions.effort_weight > 0 as is_act
    from {{ ref('interactions') }} as interactions
    inner join {{ ref('profile_records') }} as profile_records
        on interactions.person_record_id = profile_records.person_record_id
    where
        {{ touched_profiles_only('profile_records.profile_id') }}
        {% if var('as_of') %}and interactions.occurred_at <= timestamp '{{ var("as_of") }}'{% endif %}
),

neighbours as (
    select
        *,
        max(if(is_act, occurred_at, null)) over (
            {{ timeline }} rows between unbounded preceding and 1 preceding
        ) as former_act_at,
        min(if(is_act, occurred_at, null)) over (
            {{ timeline }} rows between 1 following and unbounded following
        ) as next_act_at
    from interactions
),

marked as (
    select
        *,
        coalesce(former_act_at + {{ gap }} >= occurred_at, false) as follows_act,
        is_act and not follows_act as is_start
    from neighbours
),

placed as (
    select
        *,
        last_value(if(is_start, touchpoint_id, null) ignore nulls) over ({{ timeline }}) as former_start_id,
        first_value(if(is_start, touchpoint_id, null) ignore nulls) over (
            {{ timeline }} rows between current row and unbounded following
        ) as next_start_id
    from marked
),

-- what the company did belongs to the journey that it fell into, or that followed within the gap
members as (
    select
        touchpoint_id,
        profile_id,
        occurred_at,
        case
            when is_act or follows_act then former_start_id
            when next_act_at <= occurred_at + {{ gap }} then next_start_id
        end as start_id
    from placed
)

select
    touchpoint_id,
    profile_id,
    md5(start_id) as journey_id,
    row_number() over (partition by profile_id, start_id order by occurred_at, touchpoint_id)
        as journey_touchpoint_number
from members
where start_id is not null
