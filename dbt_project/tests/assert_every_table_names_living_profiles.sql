-- A campaign list joined to consents, or an organisation joined to its people, loses whoever stands under an id that no
-- profile bears: every table names living profiles and organisations that are there.
{{ config(meta={'dagster': {'ref': {'name': 'profiles'}}}) }}
{%- set tables = ['profile_records', 'profile_identifiers', 'profile_redirects', 'profile_attributes',
    'profile_consents', 'consent_history', 'profile_accounts'] %}
with

named as (
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
        named.table_name,
        named.profile_id as missing_id
    from named
    left join {{ ref('profiles') }} as profiles on named.profile_id = profiles.profile_id
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
