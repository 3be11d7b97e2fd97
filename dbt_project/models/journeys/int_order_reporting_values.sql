with

order_values as (
    select * from {{ ref('order_values') }}
    {% if var('as_of') %}where ordered_at <= timestamp '{{ var("as_of") }}'{% endif %}
),

valued as (
    select
        order_values.interaction_id as order_touchpoint_id,
        order_values.order_state,
        {{ reporting_amount('order_values', 'rates', 'delivered_amount') }} as delivered_amount,
        {{ reporting_amount('order_values', 'rates', 'edited_amount') }} as edited_amount,
        {{ reporting_amount('order_values', 'rates', 'order_amount') }} as order_amount
    from order_values
    asof left join {{ ref('currency_rates') }} as rates
        on order_values.currency = rates.currency and order_values.ordered_on >= rates.valid_from
)

select
    order_touchpoint_id,
    order_state,
    delivered_amount::decimal(18, 2) as delivered_amount,
    coalesce(edited_amount, delivered_amount)::decimal(18, 2) as edited_amount,
    order_amount::decimal(18, 2) as order_amount
from valued
