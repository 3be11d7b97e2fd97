{{ config(materialized='view') }}
with

traits as (
    select
        profile_id as canonical_segment_id,
        full_name as name,
        given_name as first_name,
        family_name as last_name,
        email,
        phone,
        date_of_birth as birthday,
        address_line as address_street,
        city as address_city,
        region as address_state,
        postcode as address_postal_code,
        country_code as address_country,
        preferred_language as language,
        account_id as company_id,
        email_consent,
        phone_consent,
        created_at,
        updated_at
    from {{ ref('profiles') }}
)

select * from traits
