with recursive

golden as (
    select
        profile_id,
        max(value) filter (where attribute = 'address_line') as address_line,
        max(value) filter (where attribute = 'postcode') as postcode,
        max(value) filter (where attribute = 'city') as city,
        max(value) filter (where attribute = 'family_name') as family_name,
        max(value) filter (where attribute = 'full_name') as full_name
    from {{ ref('profile_attributes') }}
    where is_golden
    group by profile_id
),

-- a street without a number is no home
addressed as (
    select
        profile_id,
        {{ address_key('address_line') }} || '|'
        || lower(regexp_replace(coalesce(postcode, city), '[^\p{L}\p{N}]+', '', 'g')) as address,
        {{ family_name_keys('coalesce(family_name, full_name)') }} as family_names
    from golden
    where regexp_matches(address_line, '[0-9]') and coalesce(postcode, city) is not null
),

landlines as (
    select
        identifiers.profile_id,
        identifiers.identifier_value as phone
    from {{ ref('profile_identifiers') }} as identifiers
    where
        identifiers.identifier_type = 'phone'
        and not identifiers.is_shared
        and identifiers.identifier_value in (
            select standard_value from {{ ref('standard_phones') }} where number_type = 'fixed_line'
        )
),

shared as (
    select
        profile_id,
        {%- if var('household_needs_family_name') %}
            address || '|' || unnest(family_names) as shared_key
        {%- else %}
            address as shared_key
        {%- endif %}
    from addressed
    {%- if var('household_shares_landline') %}
        union
        select
            profile_id,
            phone as shared_key
        from landlines
    {%- endif %}
),

-- every profile of a group is tied to its oldest one; more than a home holds is an office or a hall of residence
ties as (
    select
        profile_id,
        min(profile_id) over (partition by shared_key) as oldest_id
    from shared
    qualify count(*) over (partition by shared_key) between 2 and {{ var('household_most_profiles') }}
),

links as (
    select profile_id, oldest_id as other_id from ties
    union
    select oldest_id as profile_id, profile_id as other_id from ties
),

reached as (
    select profile_id, profile_id as member_id from links
    union
    select reached.profile_id, links.other_id as member_id
    from reached
    inner join links on reached.member_id = links.profile_id
),

oldest as (
    select
        profile_id,
        min(member_id) as oldest_id
    from reached
    group by profile_id
),

members as (
    select
        profile_id,
        md5('household:' || coalesce(oldest.oldest_id, profile_id)) as household_id
    from (select profile_id from addressed union select profile_id from oldest)
    left join oldest using (profile_id)
)

select * from members
