-- Two teams write to one customer at two addresses, because one team reads profiles and the other profile_identifiers.
-- Both tables must name the same e-mail and phone.
{{ config(meta={'dagster': {'ref': {'name': 'profile_identifiers'}}}) }}
with

profiles as (
    select * from {{ ref('profiles') }}
),

primaries as (
    select
        profile_id,
        max(identifier_value) filter (where identifier_type = 'email') as email,
        max(identifier_value) filter (where identifier_type = 'phone') as phone
    from {{ ref('profile_identifiers') }}
    where is_primary
    group by profile_id
),

differences as (
    select profiles.profile_id
    from profiles
    left join primaries on profiles.profile_id = primaries.profile_id
    where
        profiles.email is distinct from primaries.email
        or profiles.phone is distinct from primaries.phone
)

select * from differences
