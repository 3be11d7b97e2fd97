-- A touchpoint that falls between two journeys is in no path and no attribution: the channel that brought it
-- looks useless although it worked.
{{ config(meta={'dagster': {'ref': {'name': 'journeys'}}}) }}
with

held as (
    select coalesce(sum(touchpoint_count), 0) as held_count from {{ ref('journeys') }}
),

known as (
    select count(*) as known_count from {{ ref('touchpoints') }}
    where profile_id is not null
),

differences as (
    select
        held.held_count,
        known.known_count
    from held
    cross join known
    where held.held_count <> known.known_count
)

select * from differences
