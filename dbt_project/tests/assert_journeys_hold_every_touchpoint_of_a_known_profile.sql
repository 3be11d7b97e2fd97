-- A touchpoint between two journeys is in no path and in no attribution, and its channel looks useless although it
-- worked. The journeys must contain all that known customers did; what the company did alone may be in none.
{{ config(meta={'dagster': {'ref': {'name': 'journeys'}}}) }}
with

in_journeys as (
    select coalesce(sum(touchpoint_count), 0) as journey_count from {{ ref('journeys') }}
),

known as (
    select count(*) as known_count from {{ ref('touchpoints') }}
    where profile_id is not null and (effort_weight > 0 or journey_id is not null)
),

differences as (
    select
        in_journeys.journey_count,
        known.known_count
    from in_journeys
    cross join known
    where in_journeys.journey_count <> known.known_count
)

select * from differences
