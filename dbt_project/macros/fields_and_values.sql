{# One column per field of a table of fields and values, with the one value of the field. #}
{% macro pivoted_values(fields) -%}
    {% for field in fields -%}
        max(standard_value) filter (where field = '{{ field }}') as {{ field }}{{ ', ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# One column per field that may have several values: their sorted list, named in the plural. #}
{% macro pivoted_lists(fields) -%}
    {% for field in fields -%}
        list_sort(list(distinct standard_value) filter (where field = '{{ field }}')) as {{ field }}s{{ ', ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The reverse of pivoted_lists: one row per value of each list. #}
{% macro unpivoted_lists(relation, fields) -%}
    {% for field in fields -%}
        select person_record_id, '{{ field }}' as field, unnest({{ field }}s) as raw_value
        from {{ relation }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
