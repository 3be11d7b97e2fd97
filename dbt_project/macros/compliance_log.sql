{# Runs before each dbt run: the log as empty, where nothing has landed yet that would show it. #}
{% macro create_compliance_log() -%}
    {%- if execute -%}
        {%- set contract = graph.nodes['model.customer_data_platform.compliance_log'].columns.values() -%}
        create view if not exists operations.compliance_log as
        select
            {% for column in contract -%}
                null::{{ column.data_type }} as {{ column.name }}{{ ", " if not loop.last }}
            {%- endfor %}
        where false
    {%- endif -%}
{%- endmacro %}
