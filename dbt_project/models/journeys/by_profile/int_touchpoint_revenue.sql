with

touchpoints as (
    select * from {{ ref('touchpoints') }}
    where {{ touched_profiles_only('profile_id') }}
),

exchange_rates as (
    select
        currency,
        units_per_euro,
        max(units_per_euro) filter (where currency = '{{ var("reporting_currency") }}') over () as reporting_units
    from {{ ref('exchange_rates') }}
),

converted as (
    select
        touchpoints.touchpoint_id,
        touchpoints.profile_id,
        touchpoints.journey_id,
        touchpoints.occurred_at,
        touchpoints.is_order,
        {{ reporting_amount('touchpoints', 'exchange_rates') }} as reporting_amount
    from touchpoints
    left join exchange_rates on touchpoints.currency = exchange_rates.currency
    where touchpoints.amount is not null and touchpoints.profile_id is not null
)

select * from converted
