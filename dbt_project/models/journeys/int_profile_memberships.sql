with

rules as (
    select
        'audience' as membership_type,
        audience as membership,
        trait,
        comparison,
        threshold,
        count(*) over (partition by audience) as rule_count
    from {{ ref('audience_rules') }}
    union all
    select
        'persona' as membership_type,
        persona as membership,
        trait,
        comparison,
        threshold,
        count(*) over (partition by persona) as rule_count
    from {{ ref('persona_rules') }}
),

memberships as (
    select
        traits.profile_id,
        rules.membership_type,
        rules.membership
    from {{ ref('int_profile_traits') }} as traits
    inner join rules on traits.trait = rules.trait
    anti join {{ ref('int_restricted_profiles') }} as restricted on traits.profile_id = restricted.profile_id
    where {{ meets_rule('traits.trait_value') }}
    group by traits.profile_id, rules.membership_type, rules.membership, rules.rule_count
    having count(*) = rules.rule_count
)

select * from memberships
