with

rules as (
    select * from {{ ref('audience_rules') }}
),

definitions as (
    select
        audience,
        count(*) as rule_count
    from rules
    group by audience
),

members as (
    select
        traits.profile_id,
        rules.audience
    from {{ ref('int_profile_traits') }} as traits
    inner join rules on traits.trait = rules.trait
    inner join definitions on rules.audience = definitions.audience
    where {{ meets_rule('traits.trait_value') }}
    group by traits.profile_id, rules.audience
    having count(*) = max(definitions.rule_count)
)

select * from members
