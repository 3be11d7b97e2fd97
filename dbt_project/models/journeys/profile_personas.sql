with

rules as (
    select * from {{ ref('persona_rules') }}
),

personas as (
    select
        persona,
        min(priority) as priority,
        count(*) as rule_count,
        string_agg(meaning, ', ' order by trait, meaning) as reason
    from rules
    group by persona
),

met as (
    select
        traits.profile_id,
        rules.persona,
        count(*) as met_count
    from {{ ref('int_profile_traits') }} as traits
    inner join rules on traits.trait = rules.trait
    where {{ meets_rule('traits.trait_value') }}
    group by traits.profile_id, rules.persona
),

assigned as (
    select
        met.profile_id,
        met.persona,
        personas.reason
    from met
    inner join personas on met.persona = personas.persona and met.met_count = personas.rule_count
    qualify row_number() over (partition by met.profile_id order by personas.priority, met.persona) = 1
)

select * from assigned
