{%- set contest = 'partition by profile_id, attribute order by sort_key, attribute_value, person_record_id' -%}
with rules as (
    select
        attribute,
        list(rule order by rank_order) as rules,
        string_split(max(sources) filter (where rule = 'source_priority'), ' > ') as sources
    from {{ ref('survivorship_rules') }}
    group by attribute
),

touched as (
    select * from {{ ref('profile_records') }}
    where {{ touched_profiles_only('profile_id') }}
),

record_accounts as (
    select
        person_record_id,
        list({ 'account_id': account_id, 'account_shortfall': account_shortfall }) as accounts
    from {{ ref('int_record_accounts') }}
    group by person_record_id
),

records as (
    select
        touched.profile_id,
        person_records.*,
        record_accounts.accounts
    from touched
    inner join {{ ref('person_records') }} as person_records
        on touched.person_record_id = person_records.person_record_id
    left join record_accounts on touched.person_record_id = record_accounts.person_record_id
),

described as (
    select
        *,
        coalesce(updated_at, created_at) as observed_at,
        {{ completeness() }} as completeness
    from records
),

offered as (
    {{ offered_values('described') }}
),

with_support as (
    select
        offered.*,
        rules.rules,
        rules.sources,
        offered.own_shortfall + (
            offered.attribute = 'phone' and offered.attribute_value in (
                select phones.standard_value from {{ ref('standard_phones') }} as phones
                where phones.number_type = 'fixed_line'
            )
        )::integer as shortfall,
        shared.identifier_value is not null as is_shared,
        count(*) over (
            partition by offered.profile_id, offered.attribute, lower(offered.attribute_value)
        ) as supporting_count
    from offered
    left join rules on offered.attribute = rules.attribute
    left join {{ source('identity', 'shared_identifiers') }} as shared
        on offered.attribute = shared.identifier_type and offered.attribute_value = shared.identifier_value
    where offered.attribute_value is not null
),

scored as (
    select
        *,
        list_transform(rules, lambda rule: {{ survivorship_score('rule', 'sources') }}) as sort_key
    from with_support
),

ranked as (
    select
        *,
        row_number() over ({{ contest }}) as offer_rank,
        first_value(person_record_id) over ({{ contest }}) as golden_record_id,
        list_zip(rules, sort_key, first_value(sort_key) over ({{ contest }})) as comparisons
    from scored
),

with_losing_rule as (
    select
        profile_id,
        person_record_id,
        attribute,
        attribute_value,
        created_at,
        observed_at,
        is_shared,
        offer_rank,
        golden_record_id,
        {{ first_worse_rule('comparisons') }} as lost_by
    from ranked
)

select * from with_losing_rule
