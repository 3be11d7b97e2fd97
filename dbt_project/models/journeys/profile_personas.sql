with

personas as (
    select
        persona,
        min(priority) as priority,
        string_agg(meaning, ', ' order by trait, meaning) as reason
    from {{ ref('persona_rules') }}
    group by persona
),

assigned as (
    select
        memberships.profile_id,
        personas.persona,
        personas.reason
    from {{ ref('int_profile_memberships') }} as memberships
    inner join personas on memberships.membership_type = 'persona' and memberships.membership = personas.persona
    qualify row_number() over (partition by memberships.profile_id order by personas.priority, personas.persona) = 1
)

select * from assigned
