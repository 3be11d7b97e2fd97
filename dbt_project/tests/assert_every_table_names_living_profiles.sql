-- A campaign list is joined to consents, or an organisation to its members, and the rows with an id that is in no
-- profile are lost without an error. All tables must refer to living profiles and existing organisations.
{{ config(meta={'dagster': {'ref': {'name': 'profiles'}}}) }}
{%- set tables = ['profile_records', 'profile_identifiers', 'profile_redirects', 'profile_attributes',
    'profile_consents', 'consent_history', 'profile_accounts'] %}
with

profile_references as (
    {%- for table in tables %}
        select
            '{{ table }}' as table_name,
            profile_id
        from {{ ref(table) }}
        where profile_id is not null
        {{ 'union' if not loop.last }}
    {%- endfor %}
),

failures as (
    select
        profile_references.table_name,
        profile_references.profile_id as missing_id
    from profile_references
    left join {{ ref('profiles') }} as profiles on profile_references.profile_id = profiles.profile_id
    where profiles.profile_id is null
    union all
    select
        'accounts' as table_name,
        members.account_id as missing_id
    from {{ ref('profile_accounts') }} as members
    left join {{ ref('accounts') }} as accounts on members.account_id = accounts.account_id
    where accounts.account_id is null
)

select * from failures
