with organisations as (
    select * from {{ ref('stg_crm__accounts') }}
    where is_person_account is not true
),

free_mail_domains as (
    select * from {{ ref('free_mail_domains') }}
),

records as (
    select
        person_records.person_record_id,
        person_records.account_id,
        person_records.emails,
        profile_records.profile_id
    from {{ ref('person_records') }} as person_records
    inner join {{ ref('profile_records') }} as profile_records
        on person_records.person_record_id = profile_records.person_record_id
),

named as (
    select
        records.person_record_id,
        records.account_id,
        0 as account_shortfall
    from records
    left join organisations on records.account_id = organisations.account_id
    where records.account_id is not null and organisations.is_deleted is not true
),

mailboxes as (
    select
        * exclude (emails),
        unnest(emails) as email
    from records
),

own_mailboxes as (
    select
        mailboxes.*,
        split_part(mailboxes.email, '@', 2) as domain
    from mailboxes
    left join {{ source('identity', 'shared_identifiers') }} as shared
        on shared.identifier_type = 'email' and mailboxes.email = shared.identifier_value
    left join free_mail_domains on split_part(mailboxes.email, '@', 2) = free_mail_domains.domain
    where shared.identifier_value is null and free_mail_domains.domain is null
),

-- members of an organisation have a mailbox each; a mailbox of many profiles is one that a till enters by default
member_domains as (
    select domain
    from own_mailboxes
    group by domain
    having
        count(distinct email) >= {{ var('account_min_mailboxes') }}
        and count(distinct profile_id) < 2 * count(distinct email)
),

-- a domain that the CRM does not list and that is one typo away from a free mail domain (gmial.com) is such a typo
work_domains as (
    select
        website_domain as domain,
        arg_min(account_id, { 'created_at': created_at, 'account_id': account_id }) as account_id
    from organisations
    where not is_deleted and website_domain is not null
    group by website_domain
    union all
    select
        member_domains.domain,
        'domain:' || member_domains.domain as account_id
    from member_domains
    left join organisations on member_domains.domain = organisations.website_domain and not organisations.is_deleted
    left join free_mail_domains on damerau_levenshtein(member_domains.domain, free_mail_domains.domain) = 1
    where organisations.account_id is null and free_mail_domains.domain is null
),

candidates as (
    select * from named
    union all
    select
        own_mailboxes.person_record_id,
        work_domains.account_id,
        1 as account_shortfall
    from own_mailboxes
    inner join work_domains on own_mailboxes.domain = work_domains.domain
),

-- the account that the source names goes before the one that the e-mail domain suggests
record_accounts as (
    select
        person_record_id,
        account_id,
        min(account_shortfall) as account_shortfall,
        if(min(account_shortfall) = 0, 'named_by_source', 'email_domain') as reason
    from candidates
    group by person_record_id, account_id
)

select * from record_accounts
