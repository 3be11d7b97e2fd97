{# Runs before each dbt run: what DuckDB may keep in memory, where the environment says so; beyond it spills to disk. #}
{% macro limit_memory() -%}
    {%- set gib = env_var('CDP_WAREHOUSE_MEMORY', '') | float -%}
    {%- if gib > 0 -%}set memory_limit = '{{ gib }}GiB'{%- endif -%}
{%- endmacro %}
