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

relay_domains as (
    select '.' || value as dotted_domain from {{ ref('placeholder_values') }}
    where kind = 'relay_domain'
),

relay_labels as (
    select value from {{ ref('placeholder_values') }}
    where kind = 'relay_label'
),

delivered as (
    select distinct raw_value
    from {{ ref('person_values') }}
    where kind = 'email'
),

alone as (
    select
        raw_value,
        {{ address_alone('raw_value') }} as email
    from delivered
),

split as (
    select
        raw_value,
        email,
        split_part(email, '@', 1) as email_name,
        split_part(email, '@', 2) as email_domain
    from alone
),

relayed as (
    select distinct split.raw_value
    from split
    inner join relay_domains on ends_with('.' || split.email_domain, relay_domains.dotted_domain)
),

with_reason as (
    select
        split.raw_value,
        split.email,
        case
            when
                not regexp_full_match(
                    split.email,
                    '[^\s\p{C}@"(),:;<>\[\]\\.]+(\.[^\s\p{C}@"(),:;<>\[\]\\.]+)*'
                    || '@([\p{L}\p{N}-]+\.)+[\p{L}][\p{L}\p{N}-]+'
                )
                then 'no_email_address'
            when
                split.email in (select emails.value from placeholder_emails as emails)
                or split.email_name in (select names.value from placeholder_names as names)
                or {{ is_one_letter_again('split.email_name') }}
                or {{ is_word_for_no_one_again('split.email_name', 'split.email_domain') }}
                or split.email_domain in (select domains.value from placeholder_domains as domains)
                or split_part(split.email_domain, '.', -1) in (select domains.value from placeholder_domains as domains)
                then 'placeholder'
            -- marketplaces, booking sites and privacy services hand out addresses of their own
            when
                relayed.raw_value is not null
                or (
                    regexp_matches(split.email_domain, '\..+\.')
                    and split_part(split.email_domain, '.', 1) in (select labels.value from relay_labels as labels)
                )
                then 'relay_address'
        end as reason
    from split
    left join relayed on split.raw_value = relayed.raw_value
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
