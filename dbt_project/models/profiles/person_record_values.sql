{{ config(materialized='view') }}
with

person_records as (
    select * from {{ ref('person_records') }}
),

compared_values as (
    select
        person_record_id,
        full_name,
        given_name,
        middle_name,
        family_name,
        date_of_birth,
        emails,
        phones,
        address_line,
        city,
        region,
        postcode,
        country_code,
        loyalty_numbers,
        shop_customer_ids,
        card_fingerprints,
        other_identifiers
    from person_records
)

select * from compared_values
