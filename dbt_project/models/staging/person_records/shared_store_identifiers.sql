-- a cashier who scans her own card for customers without one: the number brings the cards and mailboxes of strangers
with transactions as (
    select * from {{ ref('stg_in_store__transactions') }}
),

used as (
    select
        'loyalty_number' as identifier_type,
        loyalty_number as identifier_value,
        *
    from transactions
    where loyalty_number is not null
    union all
    select
        'card_fingerprint' as identifier_type,
        card_fingerprint as identifier_value,
        *
    from transactions
    where card_fingerprint is not null
),

counted as (
    select
        identifier_type,
        identifier_value,
        if(identifier_type = 'loyalty_number', count(distinct card_fingerprint), 0) as card_count,
        count(distinct lower(receipt_email)) + count(distinct receipt_phone) as contact_count
    from used
    group by identifier_type, identifier_value
),

user_names as (
    select
        used.identifier_type,
        used.identifier_value,
        mailbox_initials.initials
    from used
    inner join {{ ref('mailbox_initials') }} as mailbox_initials on lower(used.receipt_email) = mailbox_initials.email
    union
    select
        'loyalty_number' as identifier_type,
        loyalty_number as identifier_value,
        array_to_string(list_sort([lower(left(given_name, 1)), lower(left(family_name, 1))]), '') as initials
    from {{ ref('stg_in_store__loyalty_members') }}
    where loyalty_number is not null and given_name is not null and family_name is not null
),

user_initials as (
    select distinct
        *,
        unnest(string_split(initials, '')) as initial
    from user_names
),

family_counts as (
    select
        identifier_type,
        identifier_value,
        count(*) as family_count
    from user_initials
    group by identifier_type, identifier_value, initial
),

-- the names that have the most frequent initial in common are taken for one family
strangers as (
    select
        user_names.identifier_type,
        user_names.identifier_value,
        count(distinct user_names.initials) - max(family_counts.family_count) as stranger_count
    from user_names
    inner join family_counts
        on
            user_names.identifier_type = family_counts.identifier_type
            and user_names.identifier_value = family_counts.identifier_value
    group by user_names.identifier_type, user_names.identifier_value
),

shared as (
    select
        counted.identifier_type,
        counted.identifier_value,
        counted.card_count,
        counted.contact_count,
        coalesce(strangers.stranger_count, 0) as stranger_count
    from counted
    left join strangers
        on
            counted.identifier_type = strangers.identifier_type
            and counted.identifier_value = strangers.identifier_value
    where
        coalesce(strangers.stranger_count, 0) >= 2
        or counted.contact_count >= 8
        or counted.card_count >= 10
        or (counted.card_count >= 6 and counted.contact_count >= 3)
)

select * from shared
