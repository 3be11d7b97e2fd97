-- An upload to an advertising platform that takes the primary e-mail: with none the customer drops out of the
-- audience, with two the customer is billed twice.
{{ config(meta={'dagster': {'ref': {'name': 'profile_identifiers'}}}) }}
with

primaries as (
    select
        profile_id,
        identifier_type,
        count(*) filter (where is_primary) as primary_count
    from {{ ref('profile_identifiers') }}
    group by profile_id, identifier_type
)

select * from primaries
where primary_count <> 1
