{%- set attributes = [
    'full_name', 'given_name', 'family_name', 'date_of_birth', 'email', 'phone', 'address_line', 'city', 'region',
    'postcode', 'country_code', 'preferred_language', 'account_id'
] -%}
with

golden as (
    select
        profile_id,
        {{ golden_values(attributes) }}
    from {{ ref('profile_attributes') }}
    where is_golden and {{ touched_profiles_only('profile_id') }}
    group by profile_id
),

golden_values as (
    select
        * replace (date_of_birth::date as date_of_birth),
        {{ address_key('address_line') }} as address_key,
        {{ place_key('coalesce(postcode, city)') }} as place_key,
        list_sort({{ family_name_keys('coalesce(family_name, full_name)') }}) as family_name_keys
    from golden
)

select * from golden_values
