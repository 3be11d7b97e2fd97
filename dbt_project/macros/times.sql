{#
  A time inside a JSON document, in UTC: one that is later than the row was received takes the time of receipt, the zero
  of a clock is null. For the times that are fields, landing and the staging models do the same.
#}
{% macro time_until(text, received_at) -%}
    case
        when {{ is_after_receipt(text, received_at) }} then {{ received_at }}
        when {{ time_of_text(text) }} >= timestamp '1990-01-01' then {{ time_of_text(text) }}
    end
{%- endmacro %}

{# Condition that a time inside a JSON document is later than the row was received, by more than clocks may differ. #}
{% macro is_after_receipt(text, received_at) -%}
    {{ time_of_text(text) }} > {{ received_at }} + interval '5 minutes'
{%- endmacro %}

{% macro time_of_text(text) -%}
    try_cast({{ text }} as timestamptz) at time zone 'UTC'
{%- endmacro %}
