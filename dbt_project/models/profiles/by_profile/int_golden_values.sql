with

golden as (
    select
        {% for attribute in golden_attributes() -%}
            max(value) filter (where attribute = '{{ attribute }}') as {{ attribute }},
        {% endfor -%}
        profile_id
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
