with

record_accounts as (
    select
        profile_records.profile_id,
        record_accounts.account_id,
        record_accounts.reason
    from {{ ref('int_record_accounts') }} as record_accounts
    inner join {{ ref('profile_records') }} as profile_records
        on record_accounts.person_record_id = profile_records.person_record_id
),

golden as (
    select
        profile_id,
        value as account_id
    from {{ ref('profile_attributes') }}
    where attribute = 'account_id' and is_golden
),

members as (
    select
        record_accounts.profile_id,
        record_accounts.account_id,
        max(record_accounts.reason) as reason, -- named_by_source goes before email_domain
        coalesce(bool_or(record_accounts.account_id = golden.account_id), false) as is_primary,
        count(*) as record_count
    from record_accounts
    left join golden on record_accounts.profile_id = golden.profile_id
    group by record_accounts.profile_id, record_accounts.account_id
)

select * from members
