with

contacts as (
    select
        profile_id,
        bool_or(identifier_type = 'email') as has_email,
        bool_or(identifier_type = 'phone') as has_phone
    from {{ ref('profile_identifiers') }}
    where identifier_type in ('email', 'phone') and is_primary and not is_shared
    group by profile_id
),

addresses as (
    select distinct profile_id
    from {{ ref('profile_attributes') }}
    where attribute = 'address_line' and is_golden
),

profile_reach as (
    select
        coalesce(contacts.profile_id, addresses.profile_id) as profile_id,
        coalesce(contacts.has_email, false) as has_email,
        coalesce(contacts.has_phone, false) as has_phone,
        addresses.profile_id is not null as has_address
    from contacts
    full join addresses on contacts.profile_id = addresses.profile_id
)

select * from profile_reach
