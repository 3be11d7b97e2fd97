-- A dashboard of journeys and a dashboard of profiles show different revenues for the same customers, and neither is
-- trusted. Both are sums over the same orders, so they must agree to the cent, but for orders in no journey (renewals
-- of a subscription while the customer did nothing).
{{ config(meta={'dagster': {'ref': {'name': 'profile_metrics'}}}) }}
with

by_journey as (
    select
        profile_id,
        sum(revenue_amount) as amount
    from {{ ref('journeys') }}
    group by profile_id
    union all
    select
        profile_id,
        sum(net_reporting_amount) as amount
    from {{ ref('orders') }}
    where journey_id is null and profile_id is not null
    group by profile_id
),

journey_sums as (
    select
        profile_id,
        sum(amount) as journey_amount
    from by_journey
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
        journey_sums.journey_amount
    from by_profile
    full join journey_sums on by_profile.profile_id = journey_sums.profile_id
    where coalesce(by_profile.profile_amount, 0) <> coalesce(journey_sums.journey_amount, 0)
)

select * from differences
