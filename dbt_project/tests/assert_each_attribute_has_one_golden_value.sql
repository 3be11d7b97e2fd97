-- With two golden e-mails, profiles shows an arbitrary one; with the street of one address and the city of another, a
-- parcel never arrives. Each attribute must have one golden value; only a part that the chosen name or address lacks
-- has none.
{{ config(meta={'dagster': {'ref': {'name': 'profile_attributes'}}}) }}
with

attributes as (
    select
        *,
        case
            when attribute in ('full_name', 'given_name', 'family_name') then 'name'
            when attribute in ('address_line', 'city', 'region', 'postcode', 'country_code') then 'address'
            else attribute
        end as whole
    from {{ ref('profile_attributes') }}
),

counted as (
    select
        profile_id,
        attribute,
        whole,
        count(*) filter (where is_golden) as golden_count,
        bool_and(is_golden = (rank = 1)) as is_ranked
    from attributes
    group by profile_id, attribute, whole
),

chosen as (
    select
        profile_id,
        whole,
        sum(golden_count) as golden_count
    from counted
    group by profile_id, whole
),

failures as (
    select
        profile_id,
        attribute
    from counted
    where golden_count > 1 or not is_ranked
    union all
    select
        profile_id,
        whole as attribute
    from chosen
    where golden_count = 0
)

select * from failures
