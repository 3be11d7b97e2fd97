{%- set offers = {
    'name': 'full_name', 'date_of_birth': 'date_of_birth::varchar', 'address': 'address',
    'preferred_language': 'preferred_language', 'account_id': 'account_id',
    'email': 'unnest(emails)', 'phone': 'unnest(phones)', 'loyalty_number': 'unnest(loyalty_numbers)',
    'shop_customer_id': 'unnest(shop_customer_ids)', 'card_fingerprint': 'unnest(card_fingerprints)',
} -%}
with

profile_records as (
    select * from {{ ref('profile_records') }}
),

source_priority as (
    select * from {{ ref('source_priority') }}
),

shared_identifiers as (
    select * from {{ source('identity', 'shared_identifiers') }}
),

records as (
    select
        profile_records.profile_id,
        person_records.*
    from profile_records
    inner join {{ ref('person_records') }} as person_records
        on profile_records.person_record_id = person_records.person_record_id
),

described as (
    select
        *,
        coalesce(updated_at, created_at) as observed_at,
        nullif(concat_ws(', ', address_line, postcode, city, region, country_code), '') as address,
        case
            when given_name is not null and family_name is not null then 0
            when contains(full_name, ' ') then 1
            else 2
        end as name_shortfall,
        case
            when coalesce(postcode, city) is null then 2
            when address_line is null then 1
            else 0
        end as address_shortfall,
        len(list_filter(
            [given_name, family_name, date_of_birth::varchar, emails[1], phones[1], address_line, city, postcode],
            lambda part: part is not null
        )) as completeness
    from records
),

offered as (
    {%- for attribute, value in offers.items() %}
        select
            profile_id, person_record_id, source_system, source_record_type, created_at, observed_at, completeness,
            '{{ attribute }}' as attribute,
            {{ value }} as attribute_value,
            {{ attribute ~ '_shortfall' if attribute in ('name', 'address') else 0 }} as shortfall
        from described
        {{ '' if loop.last else 'union all' }}
    {%- endfor %}
),

ranked as (
    select
        offered.profile_id,
        offered.person_record_id,
        offered.created_at,
        offered.observed_at,
        offered.attribute,
        offered.attribute_value,
        shared_identifiers.identifier_value is not null as is_shared,
        row_number() over (
            partition by offered.profile_id, offered.attribute
            order by
                offered.shortfall asc,
                shared_identifiers.identifier_value is not null asc,
                source_priority.priority asc nulls last,
                offered.observed_at desc nulls last,
                offered.completeness desc,
                offered.attribute_value asc,
                offered.person_record_id asc
        ) as candidate_rank
    from offered
    left join source_priority
        on
            offered.attribute = source_priority.attribute
            and offered.source_system = source_priority.source_system
            and offered.source_record_type = source_priority.source_record_type
    left join shared_identifiers
        on
            offered.attribute = shared_identifiers.identifier_type
            and offered.attribute_value = shared_identifiers.identifier_value
    where offered.attribute_value is not null
)

select * from ranked
