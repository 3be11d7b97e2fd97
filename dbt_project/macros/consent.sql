{# A tick against being contacted: opting out is an answer, not having opted out is none. #}
{% macro refusal(column) -%}
    if({{ column }}, 'refused', 'unknown')
{%- endmacro %}

{# A question that was answered with yes, with no, or not at all. #}
{% macro answer(column) -%}
    case {{ column }} when true then 'granted' when false then 'refused' else 'unknown' end
{%- endmacro %}

{# Shopify's word for a marketing consent; who is neither subscribed nor out of it has never said. #}
{% macro shop_consent(column) -%}
    case {{ json_text(column, '$.state') }}
        when 'subscribed' then 'granted'
        when 'unsubscribed' then 'refused'
        when 'redacted' then 'refused'
        else 'unknown'
    end
{%- endmacro %}

{# One field of every delivered version of a stream as statements of consent. #}
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

{# When a shop customer gave or took back a marketing consent, UTC. #}
{% macro consent_time(column) -%}
    try_cast({{ json_text(column, '$.consent_updated_at') }} as timestamptz) at time zone 'UTC'
{%- endmacro %}
