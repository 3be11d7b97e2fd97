with

members as (
    select * from {{ ref('profile_accounts') }}
),

organisations as (
    select * from {{ ref('stg_crm__accounts') }}
    where not is_deleted and is_person_account is not true
),

-- a member of several organisations counts for the primary one only, so that no revenue is counted twice
revenue as (
    select
        members.account_id,
        sum(interaction_revenue.reporting_amount) as revenue_amount
    from {{ ref('interaction_revenue') }} as interaction_revenue
    inner join {{ ref('profile_records') }} as profile_records
        on interaction_revenue.person_record_id = profile_records.person_record_id
    inner join members on profile_records.profile_id = members.profile_id and members.is_primary
    group by members.account_id
),

sizes as (
    select
        account_id,
        count(*) as profile_count
    from members
    group by account_id
),

-- an organisation that the CRM does not list has a row because of its members
all_accounts as (
    select
        coalesce(organisations.account_id, sizes.account_id) as account_id,
        coalesce(organisations.account_name, nullif(regexp_extract(sizes.account_id, '^domain:(.*)$', 1), '')) as name,
        organisations.industry,
        coalesce(organisations.website_domain, nullif(regexp_extract(sizes.account_id, '^domain:(.*)$', 1), ''))
            as website_domain,
        coalesce(sizes.profile_count, 0) as profile_count
    from organisations
    full join sizes on organisations.account_id = sizes.account_id
),

accounts as (
    select
        all_accounts.account_id,
        all_accounts.name,
        all_accounts.industry,
        all_accounts.website_domain,
        all_accounts.profile_count,
        coalesce(revenue.revenue_amount, 0)::decimal(18, 2) as revenue_amount,
        '{{ var("reporting_currency") }}' as currency
    from all_accounts
    left join revenue on all_accounts.account_id = revenue.account_id
)

select * from accounts
