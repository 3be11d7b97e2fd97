with records as (
    select * from {{ ref('delivered_person_records') }}
),

phone_hints as (
    select * from {{ ref('person_phone_hints') }}
),

single_values as (
    unpivot (
        select
            person_record_id,
            coalesce(full_name, nullif(concat_ws(' ', given_name, middle_name, family_name), '')) as whole_name,
            given_name,
            middle_name,
            family_name,
            date_of_birth::varchar as date_of_birth,
            address_line,
            city,
            region,
            postcode,
            country
        from records
    )
    on whole_name, given_name, middle_name, family_name, date_of_birth, address_line, city, region, postcode, country
    into name field value raw_value
),

listed_values as (
    {{ unpivoted_lists(
        'records', ['email', 'phone', 'loyalty_number', 'shop_customer_id', 'card_fingerprint', 'other_identifier']
    ) }}
),

all_values as (
    select * from single_values
    union all
    select distinct * from listed_values
    where raw_value is not null
),

person_values as (
    select
        all_values.person_record_id,
        all_values.field,
        case
            when all_values.field in ('given_name', 'middle_name', 'family_name') then 'name'
            when all_values.field in ('address_line', 'city', 'region', 'postcode') then 'address'
            when all_values.field in ('loyalty_number', 'shop_customer_id', 'card_fingerprint') then 'identifier'
            when all_values.field = 'date_of_birth' then 'date'
            else all_values.field
        end as kind,
        all_values.raw_value,
        if(all_values.field = 'phone', phone_hints.country_hint, null) as country_hint
    from all_values
    left join phone_hints on all_values.person_record_id = phone_hints.person_record_id
)

select * from person_values
