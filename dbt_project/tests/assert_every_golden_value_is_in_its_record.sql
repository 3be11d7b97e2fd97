-- A data steward traces a wrong address and finds another one in the record that profile_attributes names. Each golden
-- value must be in the record that is named as its source, or in the decision of a person, and in profiles.
{{ config(meta={'dagster': {'ref': {'name': 'profile_attributes'}}}) }}
{%- set columns = ['full_name', 'given_name', 'family_name', 'address_line', 'city', 'region', 'postcode',
    'country_code', 'preferred_language'] %}
with

golden as (
    select * from {{ ref('profile_attributes') }}
    where is_golden
),

failures as (
    select
        golden.profile_id,
        golden.attribute
    from golden
    left join {{ ref('profiles') }} as profiles on golden.profile_id = profiles.profile_id
    left join {{ ref('profile_records') }} as records
        on
            golden.profile_id = records.profile_id
            and golden.source_system = records.source_system
            and golden.source_record_type = records.source_record_type
            and golden.source_record_id = records.source_record_id
    left join {{ ref('person_records') }} as person_records
        on records.person_record_id = person_records.person_record_id
    left join {{ ref('int_rectified_profiles') }} as rectified
        on
            golden.profile_id = rectified.profile_id
            and golden.attribute = rectified.attribute
    where not coalesce(
        if(
            golden.source_system = 'rectification',
            golden.value = rectified.value and golden.value = case golden.attribute
                {%- for column in columns + ['email', 'phone', 'date_of_birth'] %}
                    when '{{ column }}' then profiles.{{ column }}::varchar
                {%- endfor %}
            end,
            case golden.attribute
                when 'email'
                    then golden.value = profiles.email and list_contains(person_records.emails, golden.value)
                when 'phone'
                    then golden.value = profiles.phone and list_contains(person_records.phones, golden.value)
                when 'date_of_birth'
                    then
                        golden.value::date = profiles.date_of_birth
                        and golden.value::date = person_records.date_of_birth
                when 'account_id' then golden.value = profiles.account_id
                {%- for column in columns %}
                    when '{{ column }}'
                        then golden.value = profiles.{{ column }} and golden.value = person_records.{{ column }}
                {%- endfor %}
            end
        ),
        false
    )
)

select * from failures
