with

rules as (
    select * from {{ ref('persona_rules') }}
),

personas as (
    select
        persona,
        count(*) as rule_count
    from rules
    group by persona
),

met as (
    select
        traits.profile_id,
        rules.persona,
        min(rules.priority) as priority,
        count(*) as met_count,
        string_agg(rules.meaning, ', ' order by rules.trait, rules.meaning) as reason
    from {{ ref('int_profile_traits') }} as traits
    inner join rules on traits.trait = rules.trait
    where {{ meets_rule('traits.trait_value') }}
    group by traits.profile_id, rules.persona
),

assigned as (
    select
        met.profile_id,
        met.persona,
        met.reason
    from met
    inner join personas on met.persona = personas.persona and met.met_count = personas.rule_count
    qualify row_number() over (partition by met.profile_id order by met.priority, met.persona) = 1
)

select * from assigned
