with

rules as (
    select
        'audience' as membership_type,
        audience as membership,
        trait,
        comparison,
        threshold
    from {{ ref('audience_rules') }}
    union all
    select
        'persona' as membership_type,
        persona as membership,
        trait,
        comparison,
        threshold
    from {{ ref('persona_rules') }}
),

definitions as (
    select
        membership_type,
        membership,
        count(*) as rule_count
    from rules
    group by membership_type, membership
),

memberships as (
    select
        traits.profile_id,
        rules.membership_type,
        rules.membership
    from {{ ref('int_profile_traits') }} as traits
    inner join rules on traits.trait = rules.trait
    inner join definitions
        on rules.membership_type = definitions.membership_type and rules.membership = definitions.membership
    where {{ meets_rule('traits.trait_value') }}
    group by traits.profile_id, rules.membership_type, rules.membership
    having count(*) = max(definitions.rule_count)
)

select * from memberships
