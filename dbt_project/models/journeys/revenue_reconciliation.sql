with

order_values as (
    select * from {{ ref('int_order_reporting_values') }}
),

revenue as (
    select
        money.*,
        touchpoints.profile_id,
        coalesce(touchpoints.is_order, false) as is_order
    from {{ ref('interaction_revenue') }} as money
    left join {{ ref('touchpoints') }} as touchpoints on money.interaction_id = touchpoints.touchpoint_id
),

order_heads as (
    select
        touchpoint_id,
        journey_id,
        is_order
    from {{ ref('touchpoints') }}
),

of_profiles as (
    select
        revenue.*,
        order_heads.journey_id,
        coalesce(order_heads.is_order, false) as has_order
    from revenue
    left join order_heads on revenue.order_interaction_id = order_heads.touchpoint_id
    where revenue.profile_id is not null
),

lines as (
    select 10 as line_no, 'orders' as line, false as is_total, sum(delivered_amount) as amount, count(*) as row_count
    from order_values where delivered_amount >= 0
    union all
    select 20, 'store_returns', false, sum(delivered_amount), count(*)
    from order_values where delivered_amount < 0
    {% for line_no, state in [(30, 'test'), (31, 'voided'), (32, 'unpaid'), (33, 'cancelled')] -%}
        union all
        select {{ line_no }}, '{{ state }}_orders', false, -sum(delivered_amount), count(*)
        from order_values where order_state = '{{ state }}'
    {% endfor -%}
    union all
    select 40, 'edits', false, sum(edited_amount - delivered_amount), count(*)
    from order_values where order_state = 'counted' and edited_amount <> delivered_amount
    union all
    select 50, 'gift_cards', false, sum(order_amount - edited_amount), count(*)
    from order_values where order_state = 'counted' and order_amount <> edited_amount
    union all
    select 60, 'refunds', false, sum(reporting_amount), count(*)
    from revenue where starts_with(interaction_id, 'ecommerce:refund:')
    union all
    select 100, 'revenue', true, sum(reporting_amount), count(*) from revenue
    union all
    select 110, 'without_profile', false, -sum(reporting_amount), count(*) from revenue where profile_id is null
    union all
    select 200, 'revenue_of_profiles', true, sum(reporting_amount), count(*) from of_profiles
    union all
    select 210, 'renewals', false, -sum(reporting_amount), count(*) from of_profiles where has_order and is_renewal
    union all
    select 220, 'returns_without_order', false, -sum(reporting_amount), count(*) from of_profiles where not has_order
    union all
    select 230, 'without_journey', false, -sum(reporting_amount), count(*) from of_profiles where journey_id is null
    union all
    select 240, 'revenue_of_journeys', true, sum(revenue_amount), count(*) from {{ ref('journeys') }}
    union all
    select 300, 'attributed', true, sum(credited_amount), count(distinct order_id)
    from {{ ref('journey_attribution') }} where rule = 'last'
    union all
    select 400, 'ordered_by_profiles', true, sum(reporting_amount), count(*) from of_profiles where is_order
    union all
    select 410, 'refunded_to_profiles', true, -sum(reporting_amount), count(*)
    from of_profiles where reporting_amount < 0
    union all
    select 420, 'revenue_of_accounts', true, sum(revenue_amount), count(*) from {{ ref('accounts') }}
    union all
    select 500, 'amounts_without_rate', false, null, count(*) from revenue where reporting_amount is null
)

select
    line_no,
    line,
    is_total,
    coalesce(amount, 0)::decimal(18, 2) as amount,
    row_count,
    '{{ var("reporting_currency") }}' as currency
from lines
