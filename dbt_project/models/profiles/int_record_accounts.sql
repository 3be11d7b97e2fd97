with

organisations as (
    select
        account_id,
        is_deleted,
        created_at,
        {{ website_domain('website') }} as website_domain
    from {{ ref('stg_crm__accounts') }}
),

free_mail_domains as (
    select domain from {{ ref('free_mail_domains') }}
),

-- two entries of one organisation: its people go to the older
owners as (
    select
        website_domain,
        arg_min(account_id, { 'created_at': created_at, 'account_id': account_id }) as account_id
    from organisations
    where not is_deleted and website_domain is not null
    group by website_domain
),

records as (
    select
        profile_records.profile_id,
        person_records.person_record_id,
        person_records.account_id,
        person_records.emails
    from {{ ref('profile_records') }} as profile_records
    inner join {{ ref('person_records') }} as person_records
        on profile_records.person_record_id = person_records.person_record_id
),

named as (
    select
        person_record_id,
        account_id,
        'named_by_source' as reason,
        0 as account_shortfall
    from records
    where account_id is not null and account_id not in (select account_id from organisations where is_deleted)
),

mailboxes as (
    select distinct
        profile_id,
        person_record_id,
        email,
        split_part(email, '@', 2) as domain
    from (select profile_id, person_record_id, unnest(emails) as email from records)
    where email not in (
        select identifier_value from {{ source('identity', 'shared_identifiers') }} where identifier_type = 'email'
    )
),

used_domains as (
    select
        domain,
        count(distinct email) as mailbox_count,
        count(distinct profile_id) as profile_count
    from mailboxes
    where domain not in (select domain from free_mail_domains)
    group by domain
),

-- A domain that the CRM does not know is an organisation's when several people have a mailbox each there; one slip of
-- the finger away from a free one (gmial.com) it is none.
work_domains as (
    select
        used_domains.domain,
        coalesce(owners.account_id, 'domain:' || used_domains.domain) as account_id
    from used_domains
    left join owners on used_domains.domain = owners.website_domain
    where
        owners.account_id is not null
        or (
            used_domains.mailbox_count >= {{ var('account_least_mailboxes') }}
            and used_domains.profile_count < 2 * used_domains.mailbox_count
            and not exists (
                select 1
                from free_mail_domains
                where damerau_levenshtein(used_domains.domain, free_mail_domains.domain) = 1
            )
        )
),

by_domain as (
    select distinct
        mailboxes.person_record_id,
        work_domains.account_id,
        'email_domain' as reason,
        1 as account_shortfall
    from mailboxes
    inner join work_domains on mailboxes.domain = work_domains.domain
),

-- what the source says itself goes before what its e-mail suggests
record_accounts as (
    select * from named
    union all
    select * from by_domain
    anti join named using (person_record_id, account_id)
)

select * from record_accounts
