-- A mailing of one catalogue per household misses some, or the revenue of an organisation includes a purchase twice,
-- because a profile is in no household or has two primary accounts. The counts must add up to those of profiles.
{{ config(meta={'dagster': {'ref': {'name': 'households'}}}) }}
with

counted as (
    select
        (select coalesce(sum(profile_count), 0) from {{ ref('households') }}) as household_profiles,
        (select count(household_id) from {{ ref('profiles') }}) as profiles_in_households,
        (select coalesce(sum(profile_count), 0) from {{ ref('accounts') }}) as account_profiles,
        (select count(*) from {{ ref('profile_accounts') }}) as memberships,
        (select count_if(is_primary) from {{ ref('profile_accounts') }}) as primary_memberships,
        (select count(account_id) from {{ ref('profiles') }}) as profiles_with_account
),

differences as (
    select * from counted
    where
        household_profiles <> profiles_in_households
        or account_profiles <> memberships
        or primary_memberships <> profiles_with_account
)

select * from differences
