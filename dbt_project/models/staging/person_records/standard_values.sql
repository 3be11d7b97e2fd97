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

phones_with_reason as (
    select
        'phone' as kind,
        raw_value,
        country_hint,
        standard_value,
        case
            when digits in (select placeholder_phones.value from placeholder_phones) then 'placeholder'
            -- the same digit repeated after a prefix: 000000, 0111111111, +44 9999999999
            when length(digits) >= 6 and replace(substr(digits, 4), right(digits, 1), '') = '' then 'placeholder'
            else reason
        end as reason
    from phones
),

all_values as (
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
    select * from phones_with_reason
),

standard_values as (
    select
        kind,
        raw_value,
        country_hint,
        if(reason is null, standard_value, null) as standard_value,
        reason is null as is_valid,
        reason
    from all_values
)

select * from standard_values
