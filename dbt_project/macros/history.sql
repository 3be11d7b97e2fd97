{# When this dbt run started, UTC: the valid_from of every change that the run finds. #}
{% macro run_time() -%}
    cast('{{ var("run_time", none) or run_started_at }}'::timestamptz at time zone 'UTC' as timestamp)
{%- endmacro %}
