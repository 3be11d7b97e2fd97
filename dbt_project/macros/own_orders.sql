{# What the amounts of an installation's own sources count, as further parts of a union by name. #}
{% macro own_order_values() -%}
    {% for model in own_amount_models() -%}
        union all by name
        select
            interaction_id,
            if(amount is null, 'cancelled', 'counted') as order_state,
            is_renewal,
            occurred_at as ordered_at,
            {{ day_of('occurred_at') }} as ordered_on,
            currency,
            delivered_amount,
            0 as gift_card_amount
        from {{ ref(model) }}
        where delivered_amount is not null
    {% endfor %}
{%- endmacro %}
