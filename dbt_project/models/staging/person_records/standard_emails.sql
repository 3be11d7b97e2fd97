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

relays as (
    select
        value,
        kind = 'relay_label' as is_label
    from {{ ref('placeholder_values') }}
    where kind in ('relay_domain', 'relay_label')
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
            -- marketplaces, booking sites and privacy services hand out addresses of their own
            when
                exists (
                    select 1 from relays
                    where not is_label and (email_domain = value or email_domain like '%.' || value)
                )
                or (
                    regexp_matches(email_domain, '\..+\.')
                    and split_part(email_domain, '.', 1) in (select relays.value from relays where is_label)
                )
                then 'relay_address'
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
