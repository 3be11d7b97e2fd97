with recursive

-- a street without a house number is too vague to be a home
addressed as (
    select
        profile_id,
        address_key || '|' || place_key as address,
        family_name_keys
    from {{ ref('int_golden_values') }}
    where regexp_matches(address_line, '[0-9]') and place_key is not null
),

holders as (
    select
        identifiers.profile_id,
        identifiers.identifier_value as phone,
        addressed.address,
        min(addressed.address) over (partition by identifiers.identifier_value) as first_address,
        max(addressed.address) over (partition by identifiers.identifier_value) as last_address
    from {{ ref('profile_identifiers') }} as identifiers
    inner join {{ ref('standard_phones') }} as phones
        on identifiers.identifier_type = 'phone' and identifiers.identifier_value = phones.standard_value
    left join addressed on identifiers.profile_id = addressed.profile_id
    where not identifiers.is_shared and phones.number_type = 'fixed_line'
),

-- a landline has one address; a profile without an address lives there too, unless the landline has several
landlines as (
    select distinct
        profile_id,
        concat_ws('|', phone, coalesce(address, first_address)) as shared_key
    from holders
    where address is not null or first_address is not distinct from last_address
),

shared as (
    {%- set names = 'family_name_keys' if var('household_needs_family_name') else "['']" %}
    select
        profile_id,
        address || '|' || unnest({{ names }}) as shared_key
    from addressed
    {%- if var('household_shares_landline') %}
        union
        select * from landlines
    {%- endif %}
),

-- each profile of a group is linked to the oldest one; a group that is too large is an office or a hall of residence
links_to_oldest as (
    select
        profile_id,
        min(profile_id) over (partition by shared_key) as oldest_id
    from shared
    qualify count(*) over (partition by shared_key) between 2 and {{ var('household_max_profiles') }}
),

links as (
    select
        unnest([profile_id, oldest_id]) as profile_id,
        unnest([oldest_id, profile_id]) as other_id
    from links_to_oldest
),

reached as (
    select
        profile_id,
        profile_id as other_id
    from addressed
    union
    select * from links
    union
    select
        reached.profile_id,
        links.other_id
    from reached
    inner join links on reached.other_id = links.profile_id
),

-- the smallest id is the oldest: profile ids are ordered by time
members as (
    select
        profile_id,
        md5('household:' || min(other_id)) as household_id
    from reached
    group by profile_id
)

select * from members
