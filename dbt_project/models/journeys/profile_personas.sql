with

personas as (
    select
        persona,
        min(priority) as priority,
        string_agg(meaning, ', ' order by trait, meaning) as reason
    from {{ ref('persona_rules') }}
    group by persona
),

firsts as (
    select
        memberships.profile_id,
        min({ 'priority': personas.priority, 'persona': personas.persona }).persona as persona
    from {{ ref('int_profile_memberships') }} as memberships
    inner join personas on memberships.membership_type = 'persona' and memberships.membership = personas.persona
    group by memberships.profile_id
),

assigned as (
    select
        firsts.profile_id,
        firsts.persona,
        personas.reason
    from firsts
    inner join personas on firsts.persona = personas.persona
)

select * from assigned
