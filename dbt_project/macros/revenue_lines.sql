{#
  The lines of the reconciliation of revenue: number, name, whether it is a total, to which line it belongs, what is
  added up, the relation (a CTE of revenue_reconciliation) and a condition. A part belongs to the total that it is added
  into, with its sign; a total to the one that it starts from.
#}
{% macro revenue_lines() -%}
{{ return([
    (10, 'orders', false, 'revenue', 'delivered_amount', 'order_values', 'delivered_amount >= 0'),
    (20, 'store_returns', false, 'revenue', 'delivered_amount', 'order_values', 'delivered_amount < 0'),
    (30, 'test_orders', false, 'revenue', '-delivered_amount', 'order_values', "order_state = 'test'"),
    (40, 'voided_orders', false, 'revenue', '-delivered_amount', 'order_values', "order_state = 'voided'"),
    (50, 'unpaid_orders', false, 'revenue', '-delivered_amount', 'order_values', "order_state = 'unpaid'"),
    (60, 'cancelled_orders', false, 'revenue', '-delivered_amount', 'order_values', "order_state = 'cancelled'"),
    (70, 'edits', false, 'revenue', 'edited_amount - delivered_amount', 'order_values',
     "order_state = 'counted' and edited_amount <> delivered_amount"),
    (80, 'gift_cards', false, 'revenue', 'order_amount - edited_amount', 'order_values',
     "order_state = 'counted' and order_amount <> edited_amount"),
    (90, 'refunds', false,
     'revenue', 'reporting_amount', 'revenue', "starts_with(interaction_id, 'ecommerce:refund:')"),
    (100, 'revenue', true, '', 'reporting_amount', 'revenue', 'true'),
    (110, 'without_profile', false, 'revenue_of_profiles', '-reporting_amount', 'revenue', 'profile_id is null'),
    (200, 'revenue_of_profiles', true, 'revenue', 'reporting_amount', 'revenue', 'profile_id is not null'),
    (210, 'without_journey', false, 'revenue_of_journeys', '-reporting_amount',
     'revenue', 'profile_id is not null and journey_id is null'),
    (220, 'revenue_of_journeys', true, 'revenue_of_profiles', 'revenue_amount', 'journeys', 'true'),
    (310, 'renewals', false, 'attributed', '-reporting_amount',
     'revenue', 'profile_id is not null and has_order and is_renewal'),
    (320, 'returns_without_order', false, 'attributed', '-reporting_amount',
     'revenue', 'profile_id is not null and not has_order'),
    (400, 'attributed', true, 'revenue_of_profiles', 'credited_amount', 'attribution', "rule = 'last'"),
    (500, 'ordered_by_profiles', true, '', 'reporting_amount', 'revenue', 'profile_id is not null and is_order'),
    (510, 'refunded_to_profiles', true, '', '-reporting_amount',
     'revenue', 'profile_id is not null and reporting_amount < 0'),
    (520, 'revenue_of_accounts', true, '', 'revenue_amount', 'accounts', 'true'),
    (600, 'amounts_without_rate', false, '', 'reporting_amount', 'revenue', 'reporting_amount is null'),
]) }}
{%- endmacro %}
