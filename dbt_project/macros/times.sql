{#
  A time inside a JSON document, in UTC: one that is later than the row was received takes the time of receipt, the zero
  of a clock is null. For the times that are fields, landing and the staging models do the same.
#}
{% macro time_until(text, received_at) -%}
    {%- set time = "try_cast(" ~ text ~ " as timestamptz) at time zone 'UTC'" -%}
    case
        when {{ time }} > {{ received_at }} + interval '5 minutes' then {{ received_at }}
        when {{ time }} >= timestamp '1990-01-01' then {{ time }}
    end
{%- endmacro %}
