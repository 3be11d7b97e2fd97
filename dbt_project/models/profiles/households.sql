with

members as (
    select
        household_id,
        first_seen_at,
        address_line,
        city,
        region,
        postcode,
        country_code,
        {{ address_key('address_line') }} as address
    from {{ ref('profiles') }}
    where household_id is not null
),

counted as (
    select
        *,
        count(*) over (partition by household_id) as profile_count,
        count(address) over (partition by household_id, address) as address_count
    from members
),

-- where most of its members live, in doubt those who have been known longest
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
