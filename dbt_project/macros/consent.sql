{# Shopify's word for a marketing consent; who is neither subscribed nor out of it has never said. #}
{% macro shop_consent(column) -%}
    case when {{ column }} = 'subscribed' then true when {{ column }} in ('unsubscribed', 'redacted') then false end
{%- endmacro %}
