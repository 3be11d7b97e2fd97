with rates as (
    select * from {{ ref('exchange_rates') }}
),

reporting_rates as (
    select
        valid_from,
        units_per_euro as reporting_units
    from rates
    where currency = '{{ var("reporting_currency") }}'
),

-- a rate of either currency changes what one is worth in the other
days as (
    select
        rates.currency,
        reporting_rates.valid_from
    from rates
    cross join reporting_rates
    union
    select
        currency,
        valid_from
    from rates
),

own_rates as (
    select
        days.currency,
        days.valid_from,
        rates.units_per_euro
    from days
    asof inner join rates on days.currency = rates.currency and days.valid_from >= rates.valid_from
)

select
    own_rates.currency,
    own_rates.valid_from,
    own_rates.units_per_euro,
    reporting_rates.reporting_units
from own_rates
asof left join reporting_rates on own_rates.valid_from >= reporting_rates.valid_from
