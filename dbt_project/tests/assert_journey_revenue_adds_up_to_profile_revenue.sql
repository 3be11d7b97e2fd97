-- A dashboard of journeys and a dashboard of profiles show different revenues for the same customers, and neither is
-- trusted. Both are sums over the same converted touchpoints, so they must agree to the cent.
{{ config(meta={'dagster': {'ref': {'name': 'profile_metrics'}}}) }}
with

by_journey as (
    select
        profile_id,
        sum(revenue_amount) as journey_amount
    from {{ ref('journeys') }}
    group by profile_id
),

by_profile as (
    select
        profile_id,
        revenue_amount as profile_amount
    from {{ ref('profile_metrics') }}
),

differences as (
    select
        by_profile.profile_id,
        by_profile.profile_amount,
        by_journey.journey_amount
    from by_profile
    full join by_journey on by_profile.profile_id = by_journey.profile_id
    where coalesce(by_profile.profile_amount, 0) <> coalesce(by_journey.journey_amount, 0)
)

select * from differences
