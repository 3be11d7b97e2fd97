-- An upload to an advertising platform uses the primary e-mail: without one, the customer is missing from the audience;
-- with two, the customer is billed twice.
{{ config(meta={'dagster': {'ref': {'name': 'profile_identifiers'}}}) }}
with

primaries as (
    select
        profile_id,
        identifier_type,
        count(*) filter (where is_primary) as primary_count
    from {{ ref('profile_identifiers') }}
    group by profile_id, identifier_type
),

failures as (
    select * from primaries
    where primary_count <> 1
)

select * from failures
