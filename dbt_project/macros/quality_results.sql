{# Runs before each dbt run: creates the table that gates write, as empty, where none has been evaluated yet. #}
{% macro create_quality_results() -%}
    {%- if execute -%}
        {%- set contract = graph.nodes['model.customer_data_platform.quality_results'].columns.values() -%}
        create table if not exists operations.quality_results (
            {% for column in contract -%}
                {{ column.name }} {{ column.data_type }}{{ ", " if not loop.last }}
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}
