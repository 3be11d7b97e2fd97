with placeholder_emails as (
    select value from {{ ref('placeholder_values') }}
    where kind = 'email'
),

placeholder_names as (
    select value from {{ ref('placeholder_values') }}
    where kind = 'email_name'
),

placeholder_domains as (
    select value from {{ ref('placeholder_values') }}
    where kind = 'email_domain'
),

delivered as (
    select distinct raw_value
    from {{ ref('person_values') }}
    where kind = 'email'
),

split as (
    select
        raw_value,
        lower(trim(raw_value)) as email,
        split_part(lower(trim(raw_value)), '@', 1) as email_name,
        split_part(lower(trim(raw_value)), '@', 2) as email_domain
    from delivered
),

with_reason as (
    select
        raw_value,
        email,
        case
            when
                not regexp_full_match(
                    email,
                    '[^\s\p{C}@"(),:;<>\[\]\\.]+(\.[^\s\p{C}@"(),:;<>\[\]\\.]+)*'
                    || '@([\p{L}\p{N}-]+\.)+[\p{L}][\p{L}\p{N}-]+'
                )
                then 'no_email_address'
            when
                email in (select emails.value from placeholder_emails as emails)
                or email_name in (select names.value from placeholder_names as names)
                or email_domain in (select domains.value from placeholder_domains as domains)
                or split_part(email_domain, '.', -1) in (select domains.value from placeholder_domains as domains)
                then 'placeholder'
        end as reason
    from split
),

standard_emails as (
    select
        raw_value,
        if(reason is null, email, null) as standard_value,
        reason is null as is_valid,
        reason
    from with_reason
)

select * from standard_emails
