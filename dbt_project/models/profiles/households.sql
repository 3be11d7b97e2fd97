with

members as (
    select
        profiles.household_id,
        profiles.first_seen_at,
        golden.address_line,
        golden.city,
        golden.region,
        golden.postcode,
        golden.country_code,
        golden.address_key
    from {{ ref('profiles') }} as profiles
    left join {{ ref('int_golden_values') }} as golden on profiles.profile_id = golden.profile_id
    where profiles.household_id is not null
),

counted as (
    select
        *,
        count(*) over (partition by household_id) as profile_count,
        count(address_key) over (partition by household_id, address_key) as address_count
    from members
),

-- the address of most members; of equally frequent ones that of the member seen first
households as (
    select
        household_id,
        profile_count,
        address_line,
        city,
        region,
        postcode,
        country_code
    from counted
    qualify row_number() over (
        partition by household_id
        order by
            address_count desc, first_seen_at asc nulls last,
            address_line asc, city asc, region asc, postcode asc, country_code asc
    ) = 1
)

select * from households
