{# State of an opt-out field: an opt-out is a refusal; without one the customer has stated nothing. #}
{% macro refusal(column) -%}
    if({{ column }}, 'refused', 'unknown')
{%- endmacro %}

{# State of a yes-no field: null is unknown. #}
{% macro answer(column) -%}
    case {{ column }} when true then 'granted' when false then 'refused' else 'unknown' end
{%- endmacro %}

{# State of a Shopify marketing consent; every other Shopify state (not_subscribed, pending, ...) is unknown. #}
{% macro shop_consent(column) -%}
    case {{ json_text(column, '$.state') }}
        when 'subscribed' then 'granted'
        when 'unsubscribed' then 'refused'
        when 'redacted' then 'refused'
        else 'unknown'
    end
{%- endmacro %}

{# One row per delivered version of a stream's record: the consent that one field states. #}
{% macro delivered_consent(relation, source_field, key, cursor, state, stated_at=none) -%}
    select
        '{{ source_field.split('.')[:2] | join(':') }}:' || "{{ key }}" as person_record_id,
        '{{ source_field }}' as source_field,
        {{ state }} as state,
        coalesce({{ stated_at or 'null' }}, "{{ cursor }}") as stated_at,
        "{{ cursor }}" as delivered_at,
        _source_file,
        _loaded_at,
        _source_line
    from {{ relation }}
{%- endmacro %}

{# When a shop customer gave or withdrew a marketing consent, UTC. #}
{% macro consent_time(column) -%}
    {{ time_until(json_text(column, '$.consent_updated_at'), 'updated_at') }}
{%- endmacro %}
