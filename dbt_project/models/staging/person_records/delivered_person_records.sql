-- a column that a source does not have is null
with delivered as (
    select []::varchar[] as other_identifiers
    where false
    union all by name
    select * from {{ ref('crm_person_records') }}
    union all by name
    select * from {{ ref('ecommerce_person_records') }}
    union all by name
    select * from {{ ref('ecommerce_visitor_records') }}
    union all by name
    select * from {{ ref('in_store_person_records') }}
    union all by name
    select * from {{ ref('support_person_records') }}
    {% for model in own_person_models() -%}
        union all by name
        select * from {{ ref(model) }}
    {% endfor %}
),

contacts as (
    select * replace ({{ with_addresses_among_identifiers('emails') }} as emails)
    from delivered
),

person_records as (
    select
        person_record_id,
        source_system,
        source_record_type,
        source_record_id,
        full_name,
        given_name,
        middle_name,
        family_name,
        date_of_birth,
        {{ separate_emails('emails') }} as emails,
        {{ separate_phones('phones') }} as phones,
        address_line,
        city,
        region,
        postcode,
        country,
        phone_country,
        loyalty_numbers,
        shop_customer_ids,
        card_fingerprints,
        -- a record that others name by its id offers this id itself
        {{ offered_identifiers() }} as other_identifiers,
        account_id,
        preferred_language,
        created_at,
        updated_at
    from contacts
)

select * from person_records
