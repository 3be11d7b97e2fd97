with

personas as (
    select
        persona,
        min(priority) as priority,
        string_agg(meaning, ', ' order by trait, meaning) as reason
    from {{ ref('persona_rules') }}
    group by persona
),

first_personas as (
    select
        memberships.profile_id,
        min({ 'priority': personas.priority, 'persona': personas.persona }).persona as persona
    from {{ ref('int_profile_memberships') }} as memberships
    inner join personas on memberships.membership_type = 'persona' and memberships.membership = personas.persona
    group by memberships.profile_id
),

assigned as (
    select
        first_personas.profile_id,
        first_personas.persona,
        personas.reason
    from first_personas
    inner join personas on first_personas.persona = personas.persona
)

select * from assigned
