with placeholder_phones as (
    select value
    from {{ ref('placeholder_values') }}
    where kind = 'phone'
),

phones as (
    select
        raw_value,
        country_hint,
        standard_value,
        reason,
        regexp_replace(raw_value, '[^0-9]', '', 'g') as digits
    from {{ ref('standard_phones') }}
),

judged_phones as (
    select
        'phone' as kind,
        raw_value,
        country_hint,
        standard_value,
        case
            when digits in (select placeholder_phones.value from placeholder_phones) then 'placeholder'
            -- behind a prefix nothing but one digit: 000000, 0111111111, +44 9999999999
            when length(digits) >= 6 and replace(substr(digits, 4), right(digits, 1), '') = '' then 'placeholder'
            else reason
        end as reason
    from phones
),

judged as (
    select
        'country' as kind,
        raw_value,
        standard_value,
        reason
    from {{ ref('standard_countries') }}
    union all by name
    select
        'email' as kind,
        raw_value,
        standard_value,
        reason
    from {{ ref('standard_emails') }}
    union all by name
    select
        kind,
        raw_value,
        standard_value,
        reason
    from {{ ref('standard_names') }}
    union all by name
    select
        kind,
        raw_value,
        standard_value,
        reason
    from {{ ref('standard_details') }}
    union all by name
    select * from judged_phones
),

standard_values as (
    select
        kind,
        raw_value,
        country_hint,
        if(reason is null, standard_value, null) as standard_value,
        reason is null as is_valid,
        reason
    from judged
)

select * from standard_values
