with

forecasts as (
    select * from {{ ref('int_purchase_forecasts') }}
)

select
    profile_id,
    churn_risk_score,
    predicted_order_count,
    predicted_next_order_on,
    no_order_probability
from forecasts
where cutoff_on = (select newest.as_of_on from {{ ref('as_of') }} as newest)
