{%- set offers = {
    'name': ('full_name', name_shortfall()), 'address': ('address', address_shortfall()),
    'date_of_birth': ('date_of_birth::varchar', birth_shortfall()),
    'preferred_language': ('preferred_language', 0),
    'account_id': ('unnest(accounts).account_id', 'unnest(accounts).account_shortfall'),
    'email': ('unnest(emails)', 0), 'phone': ('unnest(phones)', 0), 'loyalty_number': ('unnest(loyalty_numbers)', 0),
    'shop_customer_id': ('unnest(shop_customer_ids)', 0), 'card_fingerprint': ('unnest(card_fingerprints)', 0),
} -%}
{%- set record = 'profile_id, person_record_id, source_system, source_record_type, created_at, observed_at, completeness' -%}
{%- set contest = 'partition by profile_id, attribute order by sort_key, attribute_value, person_record_id' -%}
with

rules as (
    select
        attribute,
        list(rule order by rank_order) as rules,
        string_split(max(sources) filter (where rule = 'source_priority'), ' > ') as sources
    from {{ ref('survivorship_rules') }}
    group by attribute
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
        profile_records.profile_id,
        person_records.*,
        record_accounts.accounts,
        coalesce(person_records.updated_at, person_records.created_at) as observed_at,
        nullif(concat_ws(', ', address_line, postcode, city, region, country_code), '') as address,
        len(list_filter(
            [given_name, family_name, date_of_birth::varchar, emails[1], phones[1], address_line, city, postcode],
            lambda part: part is not null
        )) as completeness
    from {{ ref('profile_records') }} as profile_records
    inner join {{ ref('person_records') }} as person_records
        on profile_records.person_record_id = person_records.person_record_id
    left join record_accounts on profile_records.person_record_id = record_accounts.person_record_id
),

offered as (
    {%- for attribute, (value, shortfall) in offers.items() %}
        select {{ record }}, '{{ attribute }}' as attribute, {{ value }} as attribute_value, {{ shortfall }} as shortfall
        from records
        {{ '' if loop.last else 'union all' }}
    {%- endfor %}
),

number_types as (
    select
        standard_value,
        min(number_type) as number_type
    from {{ ref('standard_phones') }}
    where is_valid
    group by standard_value
),

judged as (
    select
        offered.* replace (
            if(attribute = 'phone', {{ phone_shortfall('number_types.number_type') }}, shortfall) as shortfall
        ),
        shared.identifier_value is not null as is_shared,
        count(*) over (
            partition by offered.profile_id, offered.attribute, lower(offered.attribute_value)
        ) as telling_count
    from offered
    left join {{ source('identity', 'shared_identifiers') }} as shared
        on offered.attribute = shared.identifier_type and offered.attribute_value = shared.identifier_value
    left join number_types
        on offered.attribute = 'phone' and offered.attribute_value = number_types.standard_value
    where offered.attribute_value is not null
),

scored as (
    select
        judged.*,
        rules.rules,
        list_transform(rules.rules, lambda rule: {{ survivorship_score('rule', 'rules.sources') }}) as sort_key
    from judged
    left join rules on judged.attribute = rules.attribute
),

ranked as (
    select
        *,
        row_number() over ({{ contest }}) as offer_rank,
        list_zip(rules, sort_key, first_value(sort_key) over ({{ contest }})) as comparisons
    from scored
),

told as (
    select
        profile_id, person_record_id, attribute, attribute_value, created_at, observed_at, is_shared, offer_rank,
        if(offer_rank = 1, null, coalesce(list_filter(comparisons, lambda rule: rule[2] <> rule[3])[1][1], 'order'))
            as lost_by
    from ranked
)

select * from told
