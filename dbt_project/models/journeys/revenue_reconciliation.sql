with

order_values as (
    select * from {{ ref('int_order_reporting_values') }}
),

touchpoints as (
    select * from {{ ref('touchpoints') }}
),

journeys as (
    select * from {{ ref('journeys') }}
),

attribution as (
    select * from {{ ref('journey_attribution') }}
),

accounts as (
    select * from {{ ref('accounts') }}
),

revenue as (
    select
        money.interaction_id,
        money.reporting_amount,
        money.is_renewal,
        touchpoints.profile_id,
        orders.journey_id,
        coalesce(touchpoints.is_order, false) as is_order,
        coalesce(orders.is_order, false) as has_order
    from {{ ref('interaction_revenue') }} as money
    left join touchpoints on money.interaction_id = touchpoints.touchpoint_id
    left join touchpoints as orders on money.order_interaction_id = orders.touchpoint_id
),

lines as (
    {% for line_no, line, is_total, belongs_to, amount, relation, condition in revenue_lines() -%}
        select
            {{ line_no }} as line_no,
            '{{ line }}' as line,
            {{ is_total }} as is_total,
            nullif('{{ belongs_to }}', '') as belongs_to,
            coalesce(sum({{ amount }}), 0)::decimal(18, 2) as amount,
            count(*) as row_count,
            '{{ var("reporting_currency") }}' as currency
        from {{ relation }}
        where {{ condition }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from lines
