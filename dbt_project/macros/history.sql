{# When this run of dbt began, UTC: the time at which what it finds changed is told as changed. #}
{% macro run_time() -%}
    cast('{{ var("run_time", none) or run_started_at }}'::timestamptz at time zone 'UTC' as timestamp)
{%- endmacro %}
