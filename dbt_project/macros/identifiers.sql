{# The key of a person record everywhere: system, type and the source's own id. #}
{% macro person_record_id(source_system, source_record_type, column) -%}
    '{{ source_system }}:{{ source_record_type }}:' || {{ column }}
{%- endmacro %}

{# A loyalty number is the same with the spaces and hyphens of a printed card and without. #}
{% macro loyalty_number(column) -%}
    nullif(upper(regexp_replace({{ column }}, '[\s-]+', '', 'g')), '')
{%- endmacro %}

{# Of a group the values that are there, distinct and sorted. #}
{% macro distinct_values(column) -%}
    list_sort(list(distinct {{ column }}) filter (where {{ column }} is not null))
{%- endmacro %}
